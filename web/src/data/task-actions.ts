/** What people do to tasks. A task flips at once; money never does: it is pending until its entry is there. */
import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "../api/client.ts";
import { textOf } from "../i18n/text.ts";
import { businessNow } from "../live/stream.ts";
import { showError, showToast } from "../ui/toast.tsx";
import { expectEntry, forgetEntry } from "./pending-entries.ts";
import { useMe } from "./people.ts";
import { patchTask } from "./task-cache.ts";
import { nameOf, type Task } from "./tasks.ts";

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

/** Marks a task done, with Undo. */
export function useComplete() {
  const queries = useQueryClient();
  const me = useMe();
  const reopen = useReopen();
  return useMutation({
    mutationFn: (task: Task) => post("complete", task.id),
    onMutate: (task) => {
      patchTask(queries, task.id, { status: "done", doneAt: new Date(businessNow()).toISOString(), reopenable: true });
      if (task.assigneeId === me.userId) expectEntry(task.id);
    },
    onSuccess: (after) => {
      const t = textOf("ui");
      patchTask(queries, after.id, after);
      showToast({
        text: t("done", { task: nameOf(after) }),
        note: after.title,
        action: { text: t("undo"), keys: "Mod+KeyZ", run: () => reopen.mutate(after) },
      });
    },
    onError: (error, task) => {
      patchTask(queries, task.id, task);
      forgetEntry(task.id);
      showError(error);
    },
    onSettled: () => refresh(queries),
  });
}

/** Takes a wrong task out of the draw; its assignee gets the fee back. */
export function useCancel() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ task, reason }: { task: Task; reason: string }) =>
      ask(api.POST("/api/tasks/{taskId}/cancel", { params: { path: { taskId: task.id } }, body: { reason } })),
    onSuccess: (after) => {
      patchTask(queries, after.id, after);
      showToast({ text: textOf("tasks")("cancelled", { task: nameOf(after) }), note: after.title });
    },
    onError: showError,
    onSettled: () => {
      refresh(queries);
      void queries.invalidateQueries({ queryKey: ["task-pages"] });
    },
  });
}

/** Takes a finished task back: a real event, with a reversing posting. */
export function useReopen() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (task: Task) => post("reopen", task.id),
    onMutate: (task) => patchTask(queries, task.id, { status: "in_progress", doneAt: null, reopenable: false }),
    onSuccess: (after) => {
      forgetEntry(after.id);
      patchTask(queries, after.id, after);
      void queries.invalidateQueries({ queryKey: ["tasks", "mine"] });
    },
    onError: (error, task) => {
      patchTask(queries, task.id, { status: "done", doneAt: task.doneAt, reopenable: task.reopenable });
      showError(error);
    },
    onSettled: () => refresh(queries),
  });
}
