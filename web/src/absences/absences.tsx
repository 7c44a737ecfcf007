/** Days away of one person: a list, and the dialog in which they are marked and changed. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Absence, absencesQuery, useAbsences } from "../data/absences.ts";
import { formatDay } from "../format/days.ts";
import { textOf } from "../i18n/text.ts";
import { Button } from "../ui/button.tsx";
import { ui } from "../ui/classes.ts";
import { Skeleton } from "../ui/skeleton.tsx";
import { explain } from "../ui/states.tsx";
import { AbsenceDialog } from "./absence-dialog.tsx";
import styles from "./absences.module.css";

export function Absences({ userId }: { userId: string }) {
  const t = textOf("absences");
  const absences = useQuery(absencesQuery(userId));
  const [open, setOpen] = useState<Absence | "new">();
  const { takeBack } = useAbsences();
  if (absences.isPending) return <Skeleton width="60%" />;
  if (absences.isError) return <p className={ui.wrong}>{explain(absences.error)}</p>;
  const { items, today } = absences.data;
  return (
    <>
      {items.length === 0 && <p className={ui.hint}>{t("none")}</p>}
      <ul className={styles.days}>
        {items.map((one) => (
          <li key={one.absenceId}>
            <span>
              {daysText(one)}
              <small>
                {t(one.reassign ? "reassigned" : "kept")}
                {one.note !== "" && ` · ${one.note}`}
              </small>
            </span>
            <Button small onClick={() => setOpen(one)}>
              {t("change")}
            </Button>
            <Button small look="danger" disabled={takeBack.isPending} onClick={() => takeBack.mutate(one.absenceId)}>
              {t("takeBack")}
            </Button>
          </li>
        ))}
      </ul>
      <Button disabled={today === null} onClick={() => setOpen("new")}>
        {t("mark")}
      </Button>
      {open !== undefined && today !== null && (
        <AbsenceDialog
          userId={userId}
          today={today}
          {...(open !== "new" && { before: open })}
          onClose={() => setOpen(undefined)}
        />
      )}
    </>
  );
}

/** `22 Nov to 24 Nov`. */
export const daysText = ({ firstDay, lastDay }: Absence) =>
  firstDay === lastDay
    ? formatDay(firstDay)
    : textOf("absences")("days", { first: formatDay(firstDay), last: formatDay(lastDay) });
