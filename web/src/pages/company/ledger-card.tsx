/** The ledger of a day, live: its latest lines, or all of them. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { entriesQuery, standingQuery } from "../../data/money.ts";
import { textOf } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { LedgerRows } from "../../ui/ledger.tsx";
import { Card, Table } from "../../ui/parts.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import styles from "./company.module.css";

/** How many lines are shown of a day at first. */
const LATEST = 12;

export function LedgerCard({
  day,
  isToday,
  all,
  onAll,
}: {
  day: string | undefined;
  isToday: boolean;
  all: boolean;
  onAll: (all: boolean) => void;
}) {
  const t = textOf("company");
  const money = textOf("money");
  const filter = day === undefined ? {} : { day };
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    entriesQuery(filter),
  );
  const { data: standing } = useQuery(standingQuery);
  const loaded = data?.pages.flatMap((page) => page.items);
  const entries = all ? loaded : loaded?.slice(0, LATEST);
  return (
    <Card
      title={t("ledger")}
      note={
        isToday
          ? standing !== undefined && t("entriesToday", { count: standing.entryCount })
          : t("entriesShown", { count: entries?.length ?? 0 })
      }
      action={
        <Button look="ghost" small onClick={() => onAll(!all)} data-print="no">
          {all ? t("viewLess") : t("viewAll")}
        </Button>
      }
    >
      {error !== null && entries === undefined ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : entries === undefined ? (
        <LoadingRows rows={10} />
      ) : entries.length === 0 ? (
        <EmptyState title={t("emptyLedger")}>{t("emptyLedgerAbout")}</EmptyState>
      ) : (
        <Table label={t("ledger")}>
          <LedgerRows entries={entries} of={`${day} ${all}`} person />
        </Table>
      )}
      {all && hasNextPage && (
        <div className={styles.more} data-print="no">
          <Button look="ghost" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {money("more")}
          </Button>
        </div>
      )}
    </Card>
  );
}
