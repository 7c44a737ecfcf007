/** The ledger of a day, live: its latest lines, or all of them. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { entriesQuery, standingQuery } from "../../data/books.ts";
import type { EntryKind } from "../../data/money.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { KindSelect, LedgerRows } from "../../ui/ledger.tsx";
import { Card, Table } from "../../ui/parts.tsx";
import { More } from "../../ui/more.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import styles from "./company.module.css";
import type { CompanySearch } from "./route.ts";

/** How many lines are shown of a day at first. */
const LATEST = 12;

export function LedgerCard({
  day,
  isToday,
  all,
  kind,
  onChange,
}: {
  day: string | undefined;
  isToday: boolean;
  all: boolean;
  kind: EntryKind | undefined;
  onChange: (next: CompanySearch) => void;
}) {
  const t = textOf("company");
  const filter = { ...(day !== undefined && { day }), ...(kind !== undefined && { kind }) };
  const log = useInfiniteQuery(entriesQuery(filter));
  const { data, error, refetch } = log;
  const { data: standing } = useQuery(standingQuery);
  const loaded = data?.pages.flatMap((page) => page.items);
  const entries = all ? loaded : loaded?.slice(0, LATEST);
  return (
    <Card
      title={t("ledger")}
      note={
        isToday && kind === undefined
          ? standing !== undefined && t("entriesToday", { count: standing.entryCount })
          : t("entriesShown", { count: entries?.length ?? 0 })
      }
      action={
        <div className={styles.filters} data-print="no">
          <KindSelect kind={kind} onKind={(next) => onChange({ kind: next })} />
          <Button look="ghost" small onClick={() => onChange({ ledger: all ? undefined : "all" })}>
            {all ? t("viewLess") : t("viewAll")}
          </Button>
        </div>
      }
    >
      {error !== null && entries === undefined ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : entries === undefined ? (
        <LoadingRows rows={10} />
      ) : entries.length === 0 ? (
        <EmptyState
          title={kind === undefined ? t("emptyLedger") : t("emptyKind")}
          {...(kind !== undefined && {
            action: <Button onClick={() => onChange({ kind: undefined })}>{textOf("money")("clear")}</Button>,
          })}
        >
          {kind === undefined ? t("emptyLedgerAbout") : undefined}
        </EmptyState>
      ) : (
        <Table label={t("ledger")}>
          <LedgerRows entries={entries} of={`${day} ${all} ${kind}`} person />
        </Table>
      )}
      {all && <More of={log} />}
    </Card>
  );
}
