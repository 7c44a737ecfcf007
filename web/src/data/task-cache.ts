/** Keeps every list of tasks in the cache true while tasks change: here, and on other screens. */
import type { QueryClient } from "@tanstack/react-query";
import { type Change, onChanges } from "../live/stream.ts";
import { type Task, taskQuery } from "./task-details.ts";

/** So many single changes are looked up one by one; more of them, and what is on the screen is read again. */
const ONE_BY_ONE = 8;
const SPACING_MS = 1_000;

/** Changes a task wherever it is shown. */
export function patchTask(queries: QueryClient, taskId: string, change: Partial<Task>): void {
  const patch = (task: Task) => (task.id === taskId ? { ...task, ...change } : task);
  queries.setQueriesData<Task[] | Task>({ queryKey: ["tasks"] }, (data) => {
    if (data === undefined) return undefined;
    if (!Array.isArray(data)) return patch(data);
    return data.some((task) => task.id === taskId) ? data.map(patch) : data;
  });
}

function isShown(queries: QueryClient, taskId: string): boolean {
  return queries
    .getQueriesData<Task[] | Task>({ queryKey: ["tasks"], type: "active" })
    .some(([, data]) => data !== undefined && [data].flat().some((task) => task.id === taskId));
}

/** Follows the stream. `onNew` hears of tasks that appeared: which one, or how many. @returns stops it */
export function followTasks(
  queries: QueryClient,
  me: string,
  onNew: (taskId: string | undefined, count: number) => void,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = 0;
  let many = false;
  const changed = new Set<string>();
  const flush = () => {
    timer = undefined;
    last = performance.now();
    if (many || changed.size > ONE_BY_ONE) {
      void queries.invalidateQueries({ queryKey: ["tasks"] });
      void queries.invalidateQueries({ queryKey: ["task-pages"], refetchType: "none" });
    } else {
      for (const taskId of changed) {
        void queries
          .fetchQuery({ ...taskQuery(taskId), staleTime: 0 })
          .then((task) => patchTask(queries, taskId, task))
          .catch(() => {});
      }
    }
    many = false;
    changed.clear();
  };
  const take = (change: Change) => {
    if (!change.type.startsWith("task.") || change.type === "task.priced") return;
    if (change.type === "task.created") onNew(change.subject, change.more ?? 1);
    if (change.more !== undefined) many = true;
    else if (change.subject !== undefined && isShown(queries, change.subject)) changed.add(change.subject);
    else if (change["assigneeId"] === me) void queries.invalidateQueries({ queryKey: ["tasks", "mine"] });
  };
  const stop = onChanges((changes) => {
    for (const change of changes) take(change);
    if ((many || changed.size > 0) && timer === undefined) {
      timer = setTimeout(flush, Math.max(60, last + SPACING_MS - performance.now()));
    }
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}
