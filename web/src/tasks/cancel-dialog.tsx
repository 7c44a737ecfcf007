import { type FormEvent, useState } from "react";
import { useCancel } from "../data/task-actions.ts";
import { nameOf, type Task } from "../data/tasks.ts";
import { textOf } from "../i18n/text.ts";
import { Button } from "../ui/button.tsx";
import { ui } from "../ui/classes.ts";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { Field } from "../ui/parts.tsx";
import styles from "./tasks.module.css";

/** Asks why a task is cancelled, and says what follows from it. */
export function CancelDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const t = textOf("tasks");
  const [reason, setReason] = useState("");
  const cancel = useCancel();
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    cancel.mutate({ task, reason: reason.trim() }, { onSuccess: onClose });
  };
  return (
    <Dialog title={t("cancel.title", { task: nameOf(task) })} onClose={onClose}>
      <form className={styles.form} onSubmit={onSubmit}>
        <p>{task.title}</p>
        <Field label={t("cancel.reason")} hint={t("cancel.reasonHint")}>
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
          {task.assigneeName === null ? t("cancel.waits") : t("cancel.returns", { who: task.assigneeName })}{" "}
          {t("cancel.final")}
        </p>
        <DialogActions>
          <Button look="ghost" onClick={onClose}>
            {t("cancel.keep")}
          </Button>
          <Button look="danger" type="submit" disabled={reason.trim().length < 3 || cancel.isPending}>
            {t("cancel")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
