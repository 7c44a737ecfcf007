import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { ArrowDown, ArrowUp, Download } from "lucide-react";
import { useRef } from "react";
import { PageFrame } from "../../app/page-frame.tsx";
import {
  type AccountLine,
  accountLinesQuery,
  allAccountLines,
  standingQuery,
  writeOffsQuery,
} from "../../data/books.ts";
import type { AccountFilter, AccountOrder } from "../../data/money.ts";
import { decimal, saveCsv } from "../../format/csv.ts";
import { formatDay } from "../../format/days.ts";
import { formatCount } from "../../format/numbers.ts";
import { textOf } from "../../i18n/text.ts";
import { useShortcuts } from "../../keys/keyboard.ts";
import { Person } from "../../ui/avatar.tsx";
import { Button, WideLabel } from "../../ui/button.tsx";
import { Spark } from "../../ui/charts.tsx";
import { classes, ui } from "../../ui/classes.ts";
import { Money } from "../../ui/money.tsx";
import { Chip, SearchInput, Table, Tabs } from "../../ui/parts.tsx";
import { Toolbar, WithPanel } from "../../ui/side-panel.tsx";
import { More } from "../../ui/more.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import { showError } from "../../ui/toast.ts";
import styles from "./accounts.module.css";
import { type AccountsSearch, accountsRoute } from "./route.ts";

export function AccountsPage() {
  const t = textOf("accounts");
  const money = textOf("money");
  const search = accountsRoute.useSearch();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const filter: AccountFilter = { sort: search.sort ?? "name", negative: search.negative ?? false, q: search.q ?? "" };
  const accounts = useInfiniteQuery(accountLinesQuery(filter));
  const { data, error, refetch } = accounts;
  const { data: standing } = useQuery(standingQuery);
  const lines = data?.pages.flatMap((page) => page.items);
  const change = (next: AccountsSearch) =>
    void navigate({ to: "/accounts", search: { ...search, ...next }, replace: true });
  useShortcuts([{ keys: "Slash", label: t("search"), run: () => input.current?.focus() }]);
  return (
    <PageFrame
      area="money"
      title={t("title")}
      full
      actions={
        <Button look="ghost" onClick={() => void exportAccounts(filter).catch(showError)}>
          <Download size={15} aria-hidden="true" />
          <WideLabel>{money("export")}</WideLabel>
        </Button>
      }
    >
      <WithPanel label={t("title")}>
        <Toolbar>
          <SearchInput
            ref={input}
            className={styles.search}
            aria-label={t("search")}
            placeholder={t("search")}
            defaultValue={filter.q}
            onChange={(event) => change({ q: event.target.value === "" ? undefined : event.target.value })}
          />
          <Tabs
            label={t("which")}
            value={filter.negative ? "negative" : "all"}
            options={[
              { value: "all", text: t("all"), ...(standing && { count: formatCount(standing.accountCount) }) },
              {
                value: "negative",
                text: t("negative"),
                ...(standing && { count: formatCount(standing.negativeCount) }),
              },
            ]}
            onChange={(value) => change({ negative: value === "negative" ? true : undefined })}
          />
        </Toolbar>
        <WaitingWriteOffs />
        {error !== null && lines === undefined ? (
          <ErrorState error={error} retry={() => void refetch()} />
        ) : lines === undefined ? (
          <LoadingRows rows={12} />
        ) : lines.length === 0 ? (
          <EmptyState title={filter.negative || filter.q !== "" ? t("emptyFilter") : t("empty")}>
            {filter.negative || filter.q !== "" ? undefined : t("emptyAbout")}
          </EmptyState>
        ) : (
          <Table label={t("title")}>
            <thead>
              <tr>
                <Sorted by="name" text={money("popug")} sort={filter.sort} onSort={(sort) => change({ sort })} />
                <th className={classes(ui.right, ui.wideOnly)}>{t("creditsToday")}</th>
                <th className={classes(ui.right, ui.wideOnly)}>{t("debitsToday")}</th>
                <th className={ui.wideOnly}>{t("lastDays")}</th>
                <th className={classes(ui.right, ui.wideOnly)}>{t("lastPayout")}</th>
                <Sorted
                  by="balance"
                  text={money("balance")}
                  sort={filter.sort}
                  onSort={(sort) => change({ sort })}
                  right
                />
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <Row key={line.userId} line={line} />
              ))}
            </tbody>
          </Table>
        )}
        <More of={accounts} />
      </WithPanel>
    </PageFrame>
  );
}

/** Debts that somebody wants to give up, for the second person to see. */
function WaitingWriteOffs() {
  const t = textOf("accounts");
  const { data } = useQuery(writeOffsQuery());
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section className={styles.waiting} aria-label={t("waiting")} data-print="no">
      <h2>{t("waiting")}</h2>
      {data.items.map((one) => (
        <Link key={one.id} to="/accounts/$userId" params={{ userId: one.userId }}>
          <Person id={one.userId} name={one.userName} />
          <span>{one.reason}</span>
        </Link>
      ))}
    </section>
  );
}

function Row({ line }: { line: AccountLine }) {
  const t = textOf("accounts");
  return (
    <tr>
      <td className={ui.fill}>
        <Link to="/accounts/$userId" params={{ userId: line.userId }} className={styles.name}>
          <Person id={line.userId} name={line.name} />
          <small>{line.login}</small>
          {!line.active && <Chip>{t("gone")}</Chip>}
        </Link>
      </td>
      <td className={classes(ui.right, ui.wideOnly)}>
        <Money minor={line.creditsTodayMinor} currency={line.currency} signed tone="flow" />
      </td>
      <td className={classes(ui.right, ui.wideOnly)}>
        <Money minor={-line.debitsTodayMinor} currency={line.currency} signed />
      </td>
      <td className={ui.wideOnly}>
        <Spark values={line.earnedByDay} label={t("sparkOf", { name: line.name })} />
      </td>
      <td className={classes(ui.right, ui.wideOnly, styles.quiet)}>
        {line.lastPayoutMinor === null || line.lastPayoutDay === null ? (
          t("never")
        ) : (
          <>
            {formatDay(line.lastPayoutDay)} <Money minor={line.lastPayoutMinor} currency={line.currency} />
          </>
        )}
      </td>
      <td className={classes(ui.right, styles.balance)}>
        <Money minor={line.balanceMinor} currency={line.currency} tone="balance" />
      </td>
    </tr>
  );
}

function Sorted({
  by,
  text,
  sort,
  onSort,
  right = false,
}: {
  by: "name" | "balance";
  text: string;
  sort: AccountOrder;
  onSort: (sort: AccountOrder) => void;
  right?: boolean;
}) {
  const down = sort === `-${by}`;
  const up = sort === by;
  const next: AccountOrder = by === "name" ? "name" : up ? "-balance" : "balance";
  return (
    <th className={right ? ui.right : undefined} aria-sort={up ? "ascending" : down ? "descending" : "none"}>
      <button type="button" onClick={() => onSort(next)}>
        {text}
        {up && <ArrowUp size={12} aria-hidden="true" />}
        {down && <ArrowDown size={12} aria-hidden="true" />}
      </button>
    </th>
  );
}

async function exportAccounts(filter: AccountFilter): Promise<void> {
  const lines = await allAccountLines(filter);
  saveCsv("accounts", [
    textOf("accounts")("csv").split(","),
    ...lines.map((line) => [
      line.name,
      line.login,
      decimal(line.balanceMinor, line.currency),
      decimal(line.creditsTodayMinor, line.currency),
      decimal(line.debitsTodayMinor, line.currency),
      line.lastPayoutMinor === null ? null : decimal(line.lastPayoutMinor, line.currency),
      line.lastPayoutDay,
      line.currency,
    ]),
  ]);
}
