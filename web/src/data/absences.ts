/** Days away: of one person, and who is away today. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "../api/client.ts";
import { textOf } from "../i18n/text.ts";
import { showError, showToast } from "../ui/toast.ts";

const fetchAbsences = (userId?: string) =>
  ask(api.GET("/api/absences", { params: { query: userId === undefined ? {} : { userId } } }));

export type Absence = Awaited<ReturnType<typeof fetchAbsences>>["items"][number];
export type AbsenceWish = Pick<Absence, "firstDay" | "lastDay" | "reassign" | "note">;

/** Of one person, or of everybody whose days I may see. */
export const absencesQuery = (userId?: string) =>
  queryOptions({ queryKey: ["absences", userId ?? null], queryFn: () => fetchAbsences(userId) });

/** Whose days I may mark. */
export const absencePeopleQuery = queryOptions({
  queryKey: ["absences", "people"],
  queryFn: async () => (await ask(api.GET("/api/absences/people"))).items,
});

/** Marks, changes and takes back days away; who holds which task may change with it. */
export function useAbsences() {
  const queries = useQueryClient();
  const t = textOf("absences");
  const again = () => {
    for (const key of ["absences", "tasks", "counts", "users"]) void queries.invalidateQueries({ queryKey: [key] });
  };
  const save = useMutation({
    mutationFn: ({ userId, wish, absenceId }: { userId: string; wish: AbsenceWish; absenceId?: string }) =>
      absenceId === undefined
        ? ask(api.POST("/api/absences", { body: { ...wish, userId } }))
        : ask(api.PATCH("/api/absences/{absenceId}", { params: { path: { absenceId } }, body: wish })),
    onSuccess: () => {
      showToast({ text: t("saved") });
      again();
    },
  });
  const takeBack = useMutation({
    mutationFn: (absenceId: string) =>
      ask(api.DELETE("/api/absences/{absenceId}", { params: { path: { absenceId } } })),
    onSuccess: () => {
      showToast({ text: t("takenBack") });
      again();
    },
    onError: showError,
  });
  return { save, takeBack };
}
