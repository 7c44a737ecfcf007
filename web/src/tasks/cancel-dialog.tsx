import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, ask } from "../api/client.ts";
import { patchTask } from "../data/task-cache.ts";
import { nameOf, type Task } from "../data/task-details.ts";
import { textOf } from "../i18n/text.ts";
import { Button } from "../ui/button.tsx";
import { ui } from "../ui/classes.ts";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { Field } from "../ui/parts.tsx";
import { showError, showToast } from "../ui/toast.ts";
import styles from "./tasks.module.css";

/** Asks why a task is cancelled, and says what follows from it. */
export function CancelDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const t = textOf("tasks");
  const d = textOf("task-dialogs");
  const [reason, setReason] = useState("");
  const cancel = useCancel();
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    cancel.mutate({ task, reason: reason.trim() }, { onSuccess: onClose });
  };
  return (
    <Dialog title={d("cancel.title", { task: nameOf(task) })} onClose={onClose}>
      <form className={styles.form} onSubmit={onSubmit}>
        <p>{task.title}</p>
        <Field label={d("cancel.reason")} hint={d("cancel.reasonHint")}>
          {(control) => (
            <input
              {...control}
              value={reason}
              minLength={3}
              maxLength={500}
              required
              autoComplete="off"
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        <p className={ui.hint}>
          {task.assigneeName === null ? d("cancel.waits") : d("cancel.returns", { who: task.assigneeName })}{" "}
          {d("cancel.final")}
        </p>
        <DialogActions>
          <Button look="ghost" onClick={onClose}>
            {d("cancel.keep")}
          </Button>
          <Button look="danger" type="submit" disabled={reason.trim().length < 3 || cancel.isPending}>
            {t("cancel")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Takes a wrong task out of the draw; its assignee gets the fee back. */
function useCancel() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ task, reason }: { task: Task; reason: string }) =>
      ask(api.POST("/api/tasks/{taskId}/cancel", { params: { path: { taskId: task.id } }, body: { reason } })),
    onSuccess: (after) => {
      patchTask(queries, after.id, after);
      showToast({ text: textOf("task-dialogs")("cancelled", { task: nameOf(after) }), note: after.title });
    },
    onError: showError,
    onSettled: () => {
      for (const key of ["counts", "history", "task-pages"]) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
}
