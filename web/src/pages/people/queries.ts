import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "../../api/client.ts";
import type { Role } from "../../data/people.ts";
import type { User } from "../../data/users.ts";
import { showError } from "../../ui/toast.ts";

export const invitationsQuery = queryOptions({
  queryKey: ["users", "invitations"],
  queryFn: () => ask(api.GET("/api/invitations")),
});

export const historyQuery = (userId: string) =>
  queryOptions({
    queryKey: ["users", "history", userId],
    queryFn: () => ask(api.GET("/api/users/{userId}/history", { params: { path: { userId }, query: { limit: 30 } } })),
  });

export const sessionsQuery = (userId: string) =>
  queryOptions({
    queryKey: ["users", "sessions", userId],
    queryFn: () => ask(api.GET("/api/users/{userId}/sessions", { params: { path: { userId } } })),
  });

export type Change = { roles?: Role[]; status?: User["status"] };

/** Changes a user, and looks anew at everything that is known of people. */
export function useChangeUser(userId: string, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Change) => ask(api.PATCH("/api/users/{userId}", { params: { path: { userId } }, body })),
    onSuccess: async () => {
      onDone();
      await queries.invalidateQueries({ queryKey: ["users"] });
    },
    onError: showError,
  });
}
