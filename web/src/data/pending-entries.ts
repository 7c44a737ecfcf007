/** Rewards that are on their way: the task is done, its line is not in the books yet. */
import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { api, ask } from "../api/client.ts";
import { onChanges } from "../live/stream.ts";

let pending: readonly string[] = [];
const watchers = new Set<() => void>();

function change(next: readonly string[]): void {
  pending = next;
  for (const watch of watchers) watch();
}

export const expectEntry = (taskId: string) => change([...pending.filter((id) => id !== taskId), taskId]);
export const forgetEntry = (taskId: string) => change(pending.filter((id) => id !== taskId));

/** Ids of my tasks whose reward is not booked yet: while there are any, the balance says "pending". */
export const usePendingEntries = (): readonly string[] =>
  useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => pending,
  );

/** Looks for the lines in the books whenever some were written. @returns stops it */
export function followPendingEntries(queries: QueryClient, userId: string): () => void {
  return onChanges((changes) => {
    if (pending.length === 0 || !changes.some(({ type }) => type === "entry.posted")) return;
    void ask(api.GET("/api/entries", { params: { query: { userId, kind: "reward", limit: 50 } } }))
      .then(({ items }) => {
        const booked = new Set(items.map((entry) => entry.taskId));
        const left = pending.filter((id) => !booked.has(id));
        if (left.length < pending.length) {
          change(left);
          void queries.invalidateQueries({ queryKey: ["account"] });
        }
      })
      .catch(() => {});
  });
}
