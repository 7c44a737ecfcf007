import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { Problem } from "../api/problem.ts";
import { api, ask } from "../api/client.ts";
import { type Price, pricesQuery, type Task } from "../data/task-details.ts";
import { formatMoney } from "../format/money.ts";
import { textOf } from "../i18n/text.ts";
import { Button } from "../ui/button.tsx";
import { classes, ui } from "../ui/classes.ts";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { Field } from "../ui/parts.tsx";
import { explain } from "../ui/states.tsx";
import { showToast } from "../ui/toast.ts";
import styles from "./tasks.module.css";

const PRICE_LOOKS = 12;
const LOOK_EVERY_MS = 250;

/** One line and a description. Enter sends; with Shift it stays open for another one. */
export function NewTask({ onClose }: { onClose: () => void }) {
  const t = textOf("tasks");
  const d = textOf("task-dialogs");
  const queries = useQueryClient();
  const [title, setTitle] = useState("");
  const [description, setDescription] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const create = useMutation({
    mutationFn: (task: { title: string; description: string; another: boolean }) =>
      ask(api.POST("/api/tasks", { body: { title: task.title, description: task.description } })),
    onSuccess: (task, { another }) => {
      setTitle("");
      setDescription("");
      if (another) input.current?.focus();
      else onClose();
      void sayWhatCame(task);
      for (const key of ["counts", "task-pages"]) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
  /** Accounting draws the price from the event, a moment later. */
  const sayWhatCame = async (task: Task) => {
    let price: Price | undefined;
    for (let look = 0; price === undefined && look < PRICE_LOOKS; look++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      const found = await queries.fetchQuery(pricesQuery([task.id])).catch(() => undefined);
      price = found?.get(task.id);
    }
    showToast({
      text: task.assigneeName === null ? d("createdWaiting") : d("createdFor", { who: task.assigneeName }),
      note: price
        ? d("createdPrice", {
            fee: formatMoney(price.feeMinor, price.currency, { short: true }),
            reward: formatMoney(price.rewardMinor, price.currency, { short: true }),
          })
        : task.title,
    });
  };
  const send = (another: boolean) => {
    if (title.trim() !== "" && !create.isPending) create.mutate({ title: title.trim(), description, another });
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    send(false);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.code !== "Enter" || !event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send(true);
  };
  const wrong = create.error === null ? undefined : wordsOf(create.error);
  return (
    <Dialog title={t("newTask")} onClose={onClose}>
      <form className={styles.form} onSubmit={onSubmit}>
        <Field label={d("form.title")} hint={d("form.titleHint")} {...(wrong !== undefined && { wrong })}>
          {(control) => (
            <input
              {...control}
              ref={input}
              className={classes(control.className, styles.titleInput)}
              value={title}
              maxLength={500}
              required
              autoComplete="off"
              onChange={(event) => setTitle(event.target.value)}
              onKeyDown={onKey}
            />
          )}
        </Field>
        <Field label={d("form.description")}>
          {(control) => (
            <textarea
              {...control}
              value={description}
              maxLength={10_000}
              rows={4}
              onChange={(event) => setDescription(event.target.value)}
            />
          )}
        </Field>
        <p className={ui.hint}>{d("form.about")}</p>
        <DialogActions>
          <Button look="ghost" onClick={onClose}>
            {textOf("ui")("cancel")}
          </Button>
          <Button look="primary" type="submit" disabled={title.trim() === "" || create.isPending}>
            {d("form.send")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

const wordsOf = (error: unknown) =>
  error instanceof Problem && error.fields[0] !== undefined ? error.fields[0].message : explain(error);
