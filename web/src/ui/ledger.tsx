/** Lines of the audit log, as the account and the company show them. */
import { Link } from "@tanstack/react-router";
import { ArrowDownLeft, ArrowUpRight, Landmark, type LucideIcon, PenLine, Undo2 } from "lucide-react";
import { Fragment, type ReactNode, useRef } from "react";
import { useBillingZone } from "../data/business-day.ts";
import type { Entry } from "../data/books.ts";
import { type EntryKind, entryKinds } from "../data/money.ts";
import { formatInstant, formatTime } from "../format/dates.ts";
import { textOf } from "../i18n/text.ts";
import { PersonLink } from "./avatar.tsx";
import { classes, ui } from "./classes.ts";
import { Money } from "./money.tsx";
import { Mark, Select } from "./parts.tsx";
import styles from "./ledger.module.css";
import { TimeHead } from "./time-head.tsx";

const icons: Record<string, LucideIcon> = {
  reward: ArrowUpRight,
  fee: ArrowDownLeft,
  payout: Landmark,
  "reward-reversal": Undo2,
  "payout-return": Undo2,
  "fee-reversal": Undo2,
};

/** What a kind of entry is called. */
export function kindText(kind: Entry["kind"]): string {
  return textOf("money")(`kind.${kind}`);
}

/** Which kind of lines is shown; undefined: all. */
export function KindSelect({
  kind,
  onKind,
}: {
  kind: EntryKind | undefined;
  onKind: (kind: EntryKind | undefined) => void;
}) {
  const t = textOf("money");
  return (
    <Select
      aria-label={t("kind")}
      value={kind ?? ""}
      onChange={(event) => onKind(entryKinds.find((one) => one === event.target.value))}
    >
      <option value="">{t("anyKind")}</option>
      {entryKinds.map((one) => (
        <option key={one} value={one}>
          {kindText(one)}
        </option>
      ))}
    </Select>
  );
}

/** Ids of lines that came while the table was on the screen: they flash once. */
function useArrived(entries: readonly Entry[], of: string): ReadonlySet<string> {
  const seen = useRef<{ of: string; ids: Set<string> } | undefined>(undefined);
  const arrived = new Set<string>();
  if (seen.current?.of !== of) seen.current = { of, ids: new Set(entries.map((entry) => entry.entryId)) };
  // Only what stands above something known is new; what "more" brought stands below.
  const known = entries.findIndex((entry) => seen.current?.ids.has(entry.entryId));
  for (const entry of entries.slice(0, Math.max(0, known))) arrived.add(entry.entryId);
  return arrived;
}

type Columns = {
  time?: boolean;
  person?: boolean;
  /** Stands above the first line of each group: of a day, say. */
  heading?: (entry: Entry, previous: Entry | undefined) => ReactNode;
};

/** Head and rows for a `Table`. Each line leads to where it comes from. */
export function LedgerRows({
  entries,
  of,
  time = false,
  person = false,
  heading,
}: { entries: readonly Entry[]; of: string } & Columns) {
  const t = textOf("money");
  const arrived = useArrived(entries, of);
  const zone = useBillingZone();
  return (
    <>
      <thead>
        <tr>
          {time && (
            <th className={ui.wideOnly}>
              <TimeHead company>{t("time")}</TimeHead>
            </th>
          )}
          <th>{t("entry")}</th>
          {person && <th className={ui.wideOnly}>{t("popug")}</th>}
          <th className={ui.right}>{t("amount")}</th>
          <th className={classes(ui.right, !time && ui.wideOnly)}>{t("balance")}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry, index) => (
          <Fragment key={entry.entryId}>
            {heading?.(entry, entries[index - 1])}
            <tr data-new={arrived.has(entry.entryId) || undefined}>
              {time && (
                <td className={classes(styles.time, ui.wideOnly)}>
                  <time dateTime={entry.occurredAt} data-tip={formatInstant(entry.occurredAt)}>
                    {formatTime(entry.occurredAt, zone)}
                  </time>
                </td>
              )}
              <td className={ui.fill}>
                <LedgerTitle entry={entry} person={person} />
              </td>
              {person && (
                <td className={ui.wideOnly}>
                  <span className={styles.person}>
                    <PersonLink id={entry.userId} name={entry.userName} />
                  </span>
                </td>
              )}
              <td className={classes(ui.right, styles.amount)}>
                <Money minor={entry.amountMinor} currency={entry.currency} signed tone="flow" />
              </td>
              <td className={classes(ui.right, styles.after, !time && ui.wideOnly)}>
                {entry.balanceMinor !== undefined && (
                  <Money minor={entry.balanceMinor} currency={entry.currency} tone="balance" />
                )}
              </td>
            </tr>
          </Fragment>
        ))}
      </tbody>
    </>
  );
}

/** `person`: on a small screen, where they have no column, whose line it is stands below. */
function LedgerTitle({ entry, person }: { entry: Entry; person: boolean }) {
  const Icon = icons[entry.kind] ?? PenLine;
  const { returned } = entry;
  const what =
    returned === undefined
      ? (entry.title ?? kindText(entry.kind))
      : textOf("money")("returned", { day: returned.label, reason: returned.reason });
  return (
    <Link to="/explain/$entryId" params={{ entryId: entry.entryId }} className={styles.title}>
      <Mark tone={entry.kind === "reward" ? "pos" : entry.kind === "reward-reversal" ? "warn" : undefined}>
        <Icon size={13} strokeWidth={2.2} aria-hidden="true" />
      </Mark>
      <span>
        {entry.jiraId !== null && <small>{entry.jiraId}</small>} {what}
        {person && <small className={ui.narrowOnly}>{entry.userName}</small>}
      </span>
      {entry.title !== null && <small className={styles.kind}>{kindText(entry.kind)}</small>}
    </Link>
  );
}
