/** What people do to tasks. A task flips at once; money never does: it is pending until its entry is there. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "../api/client.ts";
import { textOf } from "../i18n/text.ts";
import { businessNow } from "../live/stream.ts";
import { showError, showToast } from "../ui/toast.ts";
import { expectEntry, forgetEntry } from "./pending-entries.ts";
import { useMe } from "./people.ts";
import { patchTask } from "./task-cache.ts";
import { nameOf, type Task } from "./task-details.ts";

/** Only the assignee's own; an admin any. */
export const useMayFinish = () => {
  const me = useMe();
  return (task: Task) => task.assigneeId !== null && (task.assigneeId === me.userId || me.roles.includes("admin"));
};

const post = (path: "complete" | "reopen", taskId: string) =>
  path === "complete"
    ? ask(api.POST("/api/tasks/{taskId}/complete", { params: { path: { taskId } } }))
    : ask(api.POST("/api/tasks/{taskId}/reopen", { params: { path: { taskId } } }));

const refresh = (queries: QueryClient) => {
  for (const key of ["counts", "history"]) void queries.invalidateQueries({ queryKey: [key] });
};

/** Marks a task done, with Undo. What fails is said; the promise never rejects. */
export function useComplete(): (task: Task) => Promise<void> {
  const queries = useQueryClient();
  const me = useMe();
  const reopen = useReopen();
  return async (task) => {
    patchTask(queries, task.id, { status: "done", doneAt: new Date(businessNow()).toISOString(), reopenable: true });
    if (task.assigneeId === me.userId) expectEntry(task.id);
    try {
      const after = await post("complete", task.id);
      const t = textOf("ui");
      patchTask(queries, after.id, after);
      showToast({
        text: t("done", { task: nameOf(after) }),
        note: after.title,
        action: { text: t("undo"), keys: "Mod+KeyZ", run: () => void reopen(after) },
      });
    } catch (error) {
      patchTask(queries, task.id, task);
      forgetEntry(task.id);
      showError(error);
    }
    refresh(queries);
  };
}

/** Takes a finished task back: a real event, with a reversing posting. What fails is said; the promise never rejects. */
export function useReopen(): (task: Task) => Promise<void> {
  const queries = useQueryClient();
  return async (task) => {
    patchTask(queries, task.id, { status: "in_progress", doneAt: null, reopenable: false });
    try {
      const after = await post("reopen", task.id);
      forgetEntry(after.id);
      patchTask(queries, after.id, after);
      void queries.invalidateQueries({ queryKey: ["tasks", "mine"] });
    } catch (error) {
      patchTask(queries, task.id, { status: "done", doneAt: task.doneAt, reopenable: task.reopenable });
      showError(error);
    }
    refresh(queries);
  };
}
