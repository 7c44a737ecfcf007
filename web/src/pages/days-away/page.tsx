/** Who is away and when, for managers and admins: they mark, change and take back the days of anybody. */
import { useQuery } from "@tanstack/react-query";
import { CalendarOff } from "lucide-react";
import { useState } from "react";
import { AbsenceDialog } from "../../absences/absence-dialog.tsx";
import { daysText } from "../../absences/absences.tsx";
import { PageFrame } from "../../app/page-frame.tsx";
import { type Absence, absencesQuery, useAbsences } from "../../data/absences.ts";
import { textOf } from "../../i18n/text.ts";
import { useShortcuts } from "../../keys/keyboard.ts";
import { Person } from "../../ui/avatar.tsx";
import { Button, WideLabel } from "../../ui/button.tsx";
import { ui } from "../../ui/classes.ts";
import { Chip, Table } from "../../ui/parts.tsx";
import { WithPanel } from "../../ui/side-panel.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";

export function DaysAwayPage() {
  const t = textOf("absences");
  const { data, error, refetch } = useQuery(absencesQuery());
  const [open, setOpen] = useState<Absence | "new">();
  const today = data?.today ?? null;
  const mark = () => today !== null && setOpen("new");
  useShortcuts([{ keys: "KeyM", label: t("mark"), run: mark }]);
  return (
    <PageFrame
      area="team"
      title={t("title")}
      full
      actions={
        <Button look="primary" aria-label={t("mark")} disabled={today === null} onClick={mark}>
          <CalendarOff size={15} aria-hidden="true" />
          <WideLabel>{t("mark")}</WideLabel>
        </Button>
      }
    >
      <WithPanel label={t("title")}>
        {error !== null && data === undefined ? (
          <ErrorState error={error} retry={() => void refetch()} />
        ) : data === undefined ? (
          <LoadingRows />
        ) : data.items.length === 0 ? (
          <EmptyState
            title={t("nobody")}
            action={
              <Button disabled={today === null} onClick={mark}>
                {t("mark")}
              </Button>
            }
          >
            {t("nobodyAbout")}
          </EmptyState>
        ) : (
          <List absences={data.items} today={today ?? ""} onChange={setOpen} />
        )}
      </WithPanel>
      {open !== undefined && today !== null && (
        <AbsenceDialog
          today={today}
          {...(open !== "new" && { userId: open.userId, before: open })}
          onClose={() => setOpen(undefined)}
        />
      )}
    </PageFrame>
  );
}

function List({
  absences,
  today,
  onChange,
}: {
  absences: readonly Absence[];
  today: string;
  onChange: (absence: Absence) => void;
}) {
  const t = textOf("absences");
  const { takeBack } = useAbsences();
  return (
    <Table label={t("title")}>
      <thead>
        <tr>
          <th>{t("popug")}</th>
          <th>{t("column")}</th>
          <th className={ui.wideOnly}>{t("openTasks")}</th>
          <th className={ui.wideOnly}>{t("note")}</th>
          <th>
            <span className="sr">{t("change")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {absences.map((one) => (
          <tr key={one.absenceId}>
            <td>
              <Person id={one.userId} name={one.userName} />
            </td>
            <td>
              {daysText(one)} {one.firstDay <= today && <Chip tone="accent">{t("now")}</Chip>}
            </td>
            <td className={ui.wideOnly}>{t(one.reassign ? "reassigned" : "kept")}</td>
            <td className={ui.wideOnly}>{one.note}</td>
            <td className={ui.right}>
              <Button small onClick={() => onChange(one)}>
                {t("change")}
              </Button>{" "}
              <Button small look="ghost" disabled={takeBack.isPending} onClick={() => takeBack.mutate(one.absenceId)}>
                {t("takeBack")}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
