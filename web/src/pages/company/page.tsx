import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Download, Printer } from "lucide-react";
import { PageFrame } from "../../app/page-frame.tsx";
import { entriesQuery, standingQuery } from "../../data/books.ts";
import { daysQuery, totalsQuery } from "../../data/money.ts";
import { formatDay } from "../../format/days.ts";
import { formatMoney } from "../../format/money.ts";
import { textOf } from "../../i18n/text.ts";
import { Button, ButtonLink, WideLabel } from "../../ui/button.tsx";
import { AreaChart } from "../../ui/charts.tsx";
import { ui } from "../../ui/classes.ts";
import { DayPicker } from "../../ui/day-picker.tsx";
import { saveEntries } from "../../ui/ledger-csv.ts";
import { Menu } from "../../ui/menu.tsx";
import { Tabs } from "../../ui/parts.tsx";
import { usePrint } from "../../ui/print.ts";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import { showError } from "../../ui/toast.ts";
import { Problem } from "../../api/problem.ts";
import { BillingDaysCard } from "./billing-days.tsx";
import styles from "./company.module.css";
import { Earned, type Totals } from "./earned.tsx";
import { exportDays } from "./exports.ts";
import { LedgerCard } from "./ledger-card.tsx";
import { type CompanySearch, companyRoute } from "./route.ts";
import { Tiles } from "./tiles.tsx";

export function CompanyPage() {
  const t = textOf("company");
  const money = textOf("money");
  const search = companyRoute.useSearch();
  const navigate = useNavigate();
  const { data: totals, error, refetch } = useQuery(totalsQuery(search.day));
  const { data: now } = useQuery(totalsQuery());
  const change = (next: CompanySearch) => void navigate({ to: "/company", search: { ...search, ...next } });
  const today = now?.day ?? undefined;
  const day = search.day ?? today;
  const filter = { ...(day !== undefined && { day }), ...(search.kind !== undefined && { kind: search.kind }) };
  const exportLedger = () => saveEntries(`ledger-${day ?? "today"}`, filter);
  const print = usePrint(search.ledger === "all" ? entriesQuery(filter) : undefined);
  return (
    <PageFrame
      area="money"
      title={t("title")}
      actions={
        <>
          <Menu
            trigger={
              <Button look="ghost">
                <Download size={15} aria-hidden="true" />
                <WideLabel>{money("export")}</WideLabel>
              </Button>
            }
            items={[
              {
                text: t("ledgerCsv"),
                icon: <Download size={15} />,
                run: () => void exportLedger().catch(showError),
              },
              { text: t("reportCsv"), icon: <Download size={15} />, run: () => void exportDays().catch(showError) },
              { text: money("print"), icon: <Printer size={15} />, run: print },
            ]}
          />
          {today !== undefined && <DayPicker day={search.day} today={today} onPick={(day) => change({ day })} />}
        </>
      }
    >
      {error !== null && !(error instanceof Problem && error.status === 404) ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : error !== null ? (
        <EmptyState
          title={t("noBooks")}
          action={<Button onClick={() => change({ day: undefined })}>{t("toToday")}</Button>}
        >
          {t("noBooksAbout")}
        </EmptyState>
      ) : totals === undefined ? (
        <LoadingRows />
      ) : (
        <Day totals={totals} search={search} change={change} />
      )}
    </PageFrame>
  );
}

/** A day on which nothing moved says so once, instead of showing a zero in each place of a figure. */
function Day({
  totals,
  search,
  change,
}: {
  totals: Totals;
  search: CompanySearch;
  change: (next: CompanySearch) => void;
}) {
  const t = textOf("company");
  const isToday = search.day === undefined;
  const { data: standing } = useQuery(standingQuery);
  const still = totals.feesMinor === 0 && totals.rewardsMinor === 0 && totals.paidOutMinor === 0;
  const owed = standing !== undefined && standing.payableCount + standing.negativeCount > 0;
  const { data: days } = useQuery(daysQuery(30));
  const blank = still && days?.items.every((one) => one.earnedMinor === 0) === true;
  const lines = !still || (isToday && standing !== undefined && standing.entryCount > 0);
  return (
    <>
      <section className={blank ? undefined : styles.lead}>
        {still ? (
          <div className={styles.still}>
            <EmptyState
              title={search.day === undefined ? t("stillToday") : t("stillOn", { day: formatDay(search.day) })}
              action={
                isToday ? (
                  <ButtonLink to="/tasks/new" look="line">
                    {t("stillNext")}
                  </ButtonLink>
                ) : (
                  <Button onClick={() => change({ day: undefined })}>{t("toToday")}</Button>
                )
              }
            >
              {isToday ? t("stillTodayAbout") : t("stillOnAbout")}
            </EmptyState>
          </div>
        ) : (
          <Earned totals={totals} isToday={isToday} linesOf={(kind) => ({ ...search, ledger: "all", kind })} />
        )}
        {!blank && (
          <EarningsByDay
            days={search.days ?? 30}
            onDays={(next) => change({ days: next })}
            onPick={(day) => change({ day })}
          />
        )}
      </section>
      {(!still || (isToday && owed)) && <Tiles totals={totals} isToday={isToday} />}
      <section className={lines ? styles.split : undefined}>
        {lines && (
          <LedgerCard
            day={totals.day ?? undefined}
            isToday={isToday}
            all={search.ledger === "all"}
            kind={search.kind}
            onChange={change}
          />
        )}
        <BillingDaysCard />
      </section>
    </>
  );
}

function EarningsByDay({
  days,
  onDays,
  onPick,
}: {
  days: 7 | 30;
  onDays: (days: 7 | undefined) => void;
  onPick: (day: string) => void;
}) {
  const t = textOf("company");
  const { data, error } = useQuery(daysQuery(30));
  const shown = data?.items.slice(0, days).toReversed();
  const currency = shown?.[0]?.currency ?? "USD";
  return (
    <div className={styles.chart} data-print="no">
      <div className={styles.chartHead}>
        <h2 className={ui.label}>{t("byDay")}</h2>
        <Tabs
          label={t("range")}
          value={String(days)}
          options={[
            { value: "7", text: t("days", { count: 7 }) },
            { value: "30", text: t("days", { count: 30 }) },
          ]}
          onChange={(value) => onDays(value === "7" ? 7 : undefined)}
        />
      </div>
      {error !== null && shown === undefined ? (
        <ErrorState error={error} />
      ) : (
        <AreaChart
          label={t("byDayLabel")}
          points={(shown ?? []).map((one) => ({
            label: formatDay(one.day),
            about: formatDay(one.day, { weekday: "short", day: "numeric", month: "long" }),
            value: one.earnedMinor,
          }))}
          format={(value) => formatMoney(Math.round(value / 100) * 100, currency, { short: true })}
          exact={(value) => formatMoney(value, currency)}
          onPick={(index) => {
            const day = shown?.[index]?.day;
            if (day !== undefined) onPick(day);
          }}
        />
      )}
    </div>
  );
}
