import { useQuery } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { type Absence, absencePeopleQuery, useAbsences } from "../data/absences.ts";
import { textOf } from "../i18n/text.ts";
import { Button } from "../ui/button.tsx";
import { ui } from "../ui/classes.ts";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { Field, Input, Select } from "../ui/parts.tsx";
import { explain } from "../ui/states.tsx";
import styles from "./absences.module.css";

/** Marks new days away, or changes some; of those that have begun the first day stays. Without `userId` it asks whose. */
export function AbsenceDialog({
  userId,
  today,
  before,
  onClose,
}: {
  userId?: string;
  today: string;
  before?: Absence;
  onClose: () => void;
}) {
  const t = textOf("absences");
  const { save } = useAbsences();
  const { data: people } = useQuery({ ...absencePeopleQuery, enabled: userId === undefined });
  const begun = before !== undefined && before.firstDay <= today;
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => form.get(name) as string;
    // A disabled field is not sent.
    const firstDay = begun ? before.firstDay : text("firstDay");
    const wish = { firstDay, lastDay: text("lastDay"), reassign: form.has("reassign"), note: text("note") };
    save.mutate(
      { userId: userId ?? text("userId"), wish, ...(before && { absenceId: before.absenceId }) },
      { onSuccess: onClose },
    );
  };
  return (
    <Dialog title={t(before === undefined ? "mark" : "title")} onClose={onClose}>
      <form className={styles.form} onSubmit={onSubmit}>
        {userId === undefined && (
          <Field label={t("popug")}>
            {(control) => (
              <Select {...control} name="userId" required defaultValue="" key={people?.length}>
                <option value="" disabled />
                {people?.map((one) => (
                  <option key={one.userId} value={one.userId}>
                    {one.name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        <div className={styles.span}>
          <Field label={t("first")}>
            {(control) => (
              <Input
                {...control}
                type="date"
                name="firstDay"
                required
                disabled={begun}
                min={begun ? undefined : today}
                defaultValue={before?.firstDay ?? today}
              />
            )}
          </Field>
          <Field label={t("last")}>
            {(control) => (
              <Input
                {...control}
                type="date"
                name="lastDay"
                required
                min={today}
                defaultValue={before?.lastDay ?? today}
              />
            )}
          </Field>
        </div>
        <label className={styles.check}>
          <input type="checkbox" name="reassign" defaultChecked={before?.reassign ?? false} />
          <span>
            {t("reassign")}
            <small>{t("reassignAbout")}</small>
          </span>
        </label>
        <Field label={t("note")} hint={t("noteAbout")}>
          {(control) => (
            <Input {...control} name="note" maxLength={200} autoComplete="off" defaultValue={before?.note ?? ""} />
          )}
        </Field>
        {save.isError && <p className={ui.wrong}>{explain(save.error)}</p>}
        <DialogActions>
          <Button look="ghost" onClick={onClose}>
            {textOf("ui")("cancel")}
          </Button>
          <Button look="primary" type="submit" disabled={save.isPending}>
            {t("save")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
