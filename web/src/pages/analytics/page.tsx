import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { PageFrame } from "../../app/page-frame.tsx";
import { analyticsQuery, rewardsQuery, type Span } from "../../data/analytics.ts";
import { byThisHourQuery } from "../../data/books.ts";
import { useBillingZone } from "../../data/business-day.ts";
import { decimal, saveCsv } from "../../format/csv.ts";
import { formatInstant } from "../../format/dates.ts";
import { addDays, formatClock, formatDay } from "../../format/days.ts";
import { formatMoney } from "../../format/money.ts";
import { formatCount } from "../../format/numbers.ts";
import { textOf } from "../../i18n/text.ts";
import { PersonLink } from "../../ui/avatar.tsx";
import { Button, WideLabel } from "../../ui/button.tsx";
import { AreaChart, BarChart } from "../../ui/charts.tsx";
import { ui } from "../../ui/classes.ts";
import { DayPicker } from "../../ui/day-picker.tsx";
import { Money } from "../../ui/money.tsx";
import { Card, Chip } from "../../ui/parts.tsx";
import { EmptyState, ErrorState, LoadingRows } from "../../ui/states.tsx";
import styles from "./analytics.module.css";
import { type AnalyticsSearch, analyticsRoute } from "./route.ts";
import { TopTask } from "./top-task.tsx";

type Fn = Extract<ReturnType<typeof analyticsQuery>["queryFn"], (...args: never[]) => unknown>;
type Figures = Awaited<ReturnType<Fn>>;

export function AnalyticsPage() {
  const t = textOf("analytics");
  const money = textOf("money");
  const { day, span = "day" } = analyticsRoute.useSearch();
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(analyticsQuery(day));
  const change = (next: AnalyticsSearch) => void navigate({ to: "/analytics", search: (old) => ({ ...old, ...next }) });
  return (
    <PageFrame
      area="money"
      title={t("title")}
      actions={
        data !== undefined && (
          <>
            <Button look="ghost" onClick={() => exportSeries(data)} data-tip={t("csv")}>
              <Download size={15} aria-hidden="true" />
              <WideLabel>{money("export")}</WideLabel>
            </Button>
            <DayPicker day={day} today={data.today} onPick={(next) => change({ day: next })} />
          </>
        )
      }
    >
      {error !== null && data === undefined ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <LoadingRows />
      ) : (
        <>
          {data.findings.length > 0 && (
            <p className={styles.findings} role="status">
              <b>{t("findings")}</b> {t("findingsAbout")}
            </p>
          )}
          <section className={styles.lead}>
            <Earned data={data} isToday={day === undefined} />
            <div className={styles.chart}>
              <h2 className={ui.label}>{t("byDay")}</h2>
              <AreaChart
                label={t("byDay")}
                points={pointsOf(data, (one) => one.earnedMinor)}
                format={(value) => formatMoney(Math.round(value / 100) * 100, data.currency, { short: true })}
                exact={(value) => formatMoney(value, data.currency)}
                onPick={(index) => change({ day: pick(data, index) })}
              />
            </div>
          </section>
          <section className={styles.two}>
            <TopTask day={day} span={span} onSpan={(next) => change({ span: next === "day" ? undefined : next })} />
            <BelowZero data={data} />
          </section>
          <section className={styles.two}>
            <Card title={t("belowByDay")} className={styles.chartCard ?? ""}>
              <BarChart
                label={t("belowByDay")}
                height={180}
                points={pointsOf(data, (one) => one.negativeCount ?? 0)}
                format={formatCount}
                exact={(count) => t("popugsAt", { count })}
                onPick={(index) => change({ day: pick(data, index) })}
              />
            </Card>
            <Rewards span={span} day={day} />
          </section>
        </>
      )}
    </PageFrame>
  );
}

const pointsOf = (data: Figures, value: (one: Figures["series"][number]) => number) =>
  data.series.map((one) => ({
    label: formatDay(one.day),
    about: formatDay(one.day, { weekday: "short", day: "numeric", month: "long" }),
    value: value(one),
  }));

const pick = (data: Figures, index: number) => {
  const day = data.series[index]?.day;
  return day === data.today ? undefined : day;
};

function Earned({ data, isToday }: { data: Figures; isToday: boolean }) {
  const t = textOf("analytics");
  const { data: hour } = useQuery({ ...byThisHourQuery, enabled: isToday });
  const zone = useBillingZone();
  const before = data.series.find((one) => one.day === addDays(data.day, -1));
  const show = (minor: number) => formatMoney(minor, data.currency);
  return (
    <div className={styles.earned}>
      <h2 className={ui.label}>
        {isToday ? t("earnedToday") : t("earnedOn", { day: formatDay(data.day, { day: "numeric", month: "long" }) })}
      </h2>
      <div className={styles.hero}>
        <Money minor={data.earnedMinor} currency={data.currency} size="hero" />
      </div>
      <p className={ui.hint}>
        {isToday
          ? hour?.dayBefore != null && t("yesterday", { amount: show(hour.earnedBeforeMinor) })
          : before !== undefined && t("before", { amount: show(before.earnedMinor) })}
      </p>
      <p className={styles.asOf}>
        <Chip tone={data.final ? "pos" : "accent"}>{data.final ? t("final") : t("notFinal")}</Chip>
        {data.asOf !== null && zone !== undefined && (
          <span className={ui.hint} data-tip={formatInstant(data.asOf)}>
            {t("asOf", { time: formatClock(data.asOf, zone) })}
          </span>
        )}
      </p>
    </div>
  );
}

const NAMED = 8;

function BelowZero({ data }: { data: Figures }) {
  const t = textOf("analytics");
  const shown = data.popugsBelowZero.slice(0, NAMED);
  const more = (data.negativeCount ?? shown.length) - shown.length;
  return (
    <Card title={t("below")} note={data.negativeCount === null ? undefined : formatCount(data.negativeCount)}>
      {shown.length === 0 ? (
        <EmptyState title={t("belowNone")} />
      ) : (
        <ul className={styles.below}>
          {shown.map((popug) => (
            <li key={popug.userId}>
              <PersonLink id={popug.userId} name={popug.name} />
              <Money minor={popug.balanceMinor} currency={data.currency} tone="balance" />
            </li>
          ))}
          {more > 0 && <li className={ui.hint}>{t("belowMore", { count: more })}</li>}
        </ul>
      )}
    </Card>
  );
}

function Rewards({ span, day }: { span: Span; day: string | undefined }) {
  const t = textOf("analytics");
  const { data, error } = useQuery(rewardsQuery(span, day));
  return (
    <Card title={t("prices")} note={t(`span.${span}`)} className={styles.chartCard ?? ""}>
      {error !== null && data === undefined ? (
        <ErrorState error={error} />
      ) : data === undefined ? (
        <LoadingRows rows={4} />
      ) : data.bars.length === 0 ? (
        <p className={styles.none}>{t("noPrices")}</p>
      ) : (
        <BarChart
          label={t("prices")}
          markLast={false}
          height={180}
          points={filled(data.bars, data.stepMinor).map(({ fromMinor, count }) => ({
            label: formatMoney(fromMinor, data.currency, { short: true }),
            about: formatMoney(fromMinor, data.currency),
            value: count,
          }))}
          format={formatCount}
          exact={(count) => t("tasksAt", { count })}
        />
      )}
    </Card>
  );
}

/** With the empty bars between the others. */
function filled(bars: readonly { fromMinor: number; count: number }[], step: number) {
  const [first, last] = [bars[0]?.fromMinor ?? 0, bars.at(-1)?.fromMinor ?? 0];
  return Array.from({ length: (last - first) / step + 1 }, (_, index) => {
    const fromMinor = first + index * step;
    return bars.find((bar) => bar.fromMinor === fromMinor) ?? { fromMinor, count: 0 };
  });
}

function exportSeries(data: Figures): void {
  saveCsv(`analytics-${data.day}`, [
    textOf("analytics")("columns").split(","),
    ...data.series.map((one) => [
      one.day,
      decimal(one.feesMinor, data.currency),
      decimal(one.rewardsMinor, data.currency),
      decimal(one.earnedMinor, data.currency),
      one.negativeCount === null ? null : { plain: one.negativeCount },
      String(one.final),
    ]),
  ]);
}
