import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Download, Printer } from "lucide-react";
import { PageFrame } from "../../app/page-frame.tsx";
import { daysQuery, totalsQuery } from "../../data/money.ts";
import { formatDay } from "../../format/dates.ts";
import { formatMoney } from "../../format/money.ts";
import { textOf } from "../../i18n/text.ts";
import { Button, WideLabel } from "../../ui/button.tsx";
import { AreaChart } from "../../ui/charts.tsx";
import { ui } from "../../ui/classes.ts";
import { DayPicker } from "../../ui/day-picker.tsx";
import { saveEntries } from "../../ui/ledger-csv.ts";
import { Menu } from "../../ui/menu.tsx";
import { Tabs } from "../../ui/parts.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import { showError } from "../../ui/toast.tsx";
import { Problem } from "../../api/problem.ts";
import { BillingDaysCard } from "./billing-days.tsx";
import styles from "./company.module.css";
import { Earned } from "./earned.tsx";
import { exportDays } from "./exports.ts";
import { LedgerCard } from "./ledger-card.tsx";
import type { CompanySearch } from "./route.ts";
import { Tiles } from "./tiles.tsx";

const route = getRouteApi("/shell/company");

export function CompanyPage() {
  const t = textOf("company");
  const money = textOf("money");
  const search = route.useSearch();
  const navigate = useNavigate();
  const { data: totals, error, refetch } = useQuery(totalsQuery(search.day));
  const { data: now } = useQuery(totalsQuery());
  const change = (next: CompanySearch) => void navigate({ to: "/company", search: { ...search, ...next } });
  const today = now?.day ?? undefined;
  const exportLedger = () => {
    const day = search.day ?? today;
    const filter = { ...(day !== undefined && { day }), ...(search.kind !== undefined && { kind: search.kind }) };
    return saveEntries(`ledger-${day ?? "today"}`, filter);
  };
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
              { text: money("print"), icon: <Printer size={15} />, run: () => print() },
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
        <>
          <section className={styles.lead}>
            <Earned
              totals={totals}
              isToday={search.day === undefined}
              linesOf={(kind) => ({ ...search, ledger: "all", kind })}
            />
            <EarningsByDay
              days={search.days ?? 30}
              onDays={(days) => change({ days })}
              onPick={(day) => change({ day })}
            />
          </section>
          <Tiles totals={totals} isToday={search.day === undefined} />
          <section className={styles.split}>
            <LedgerCard
              day={totals.day ?? undefined}
              isToday={search.day === undefined}
              all={search.ledger === "all"}
              kind={search.kind}
              onChange={change}
            />
            <BillingDaysCard />
          </section>
        </>
      )}
    </PageFrame>
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
