/** Everybody, for those who may know: names behind the ids in events and entries. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, ask } from "../api/client.ts";
import { useMay } from "./people.ts";

const PAGE = 500;

export type User = Awaited<ReturnType<typeof fetchUsers>>[number];

async function fetchUsers() {
  const users = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { limit: PAGE, ...(cursor !== undefined && { cursor }) };
    const page = await ask(api.GET("/api/users", { params: { query } }));
    users.push(...page.items);
    cursor = page.nextCursor;
  }
  return users;
}

/** All users, by login. A company fits into memory; the list is filtered here, so that it answers at each letter. */
export const usersQuery = queryOptions({ queryKey: ["users", "all"], queryFn: fetchUsers, staleTime: 60_000 });

/** The name behind an id, as far as the reader may know it; `…` while the names are on their way. */
export function useNames(): (userId: string) => string | undefined {
  const allowed = useMay("admin");
  const { data, isLoading } = useQuery({ ...usersQuery, enabled: allowed });
  return (userId) => (isLoading ? "…" : data?.find((user) => user.userId === userId)?.name);
}
