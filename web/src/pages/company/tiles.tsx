/** Three figures: what is paid out tonight, who is below zero, how long the day still is. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { periodsQuery, standingQuery } from "../../data/books.ts";
import { useBillingZone } from "../../data/business-day.ts";
import { clockQuery } from "../../data/people.ts";
import { formatClosing } from "../../format/days.ts";
import { formatMoney } from "../../format/money.ts";
import { formatCount } from "../../format/numbers.ts";
import { textOf } from "../../i18n/text.ts";
import { businessNow } from "../../live/stream.ts";
import { ui } from "../../ui/classes.ts";
import { Money } from "../../ui/money.tsx";
import { Chip } from "../../ui/parts.tsx";
import type { Totals } from "./earned.tsx";
import styles from "./company.module.css";
import { periodTone } from "../../ui/period-tone.ts";

export function Tiles({ totals, isToday }: { totals: Totals; isToday: boolean }) {
  const t = textOf("company");
  return (
    <section className={styles.tiles} aria-label={t("keyFigures")}>
      {isToday ? <Tonight /> : <PaidOut totals={totals} />}
      {isToday ? <BelowNow /> : <BelowThen totals={totals} />}
      <BillingDayTile totals={totals} isToday={isToday} />
    </section>
  );
}

function Tonight() {
  const t = textOf("company");
  const { data } = useQuery(standingQuery);
  return (
    <Link to="/accounts" search={{ sort: "-balance" }} className={styles.tile}>
      <span className={ui.label}>{t("toPay")}</span>
      {data === undefined ? (
        <span className={ui.figure}>…</span>
      ) : (
        <Money minor={data.payableMinor} currency={data.currency} size="big" />
      )}
      <span className={ui.hint}>{data !== undefined && t("above", { count: data.payableCount })}</span>
    </Link>
  );
}

function PaidOut({ totals }: { totals: Totals }) {
  const t = textOf("company");
  return (
    <div className={styles.tile}>
      <span className={ui.label}>{t("paidOut")}</span>
      <Money minor={totals.paidOutMinor} currency={totals.currency} size="big" />
      <span className={ui.hint}>{totals.closed ? "" : t("notClosed")}</span>
    </div>
  );
}

function BelowNow() {
  const t = textOf("company");
  const { data } = useQuery(standingQuery);
  return (
    <Link to="/accounts" search={{ sort: "balance", negative: true }} className={styles.tile}>
      <span className={ui.label}>{t("below")}</span>
      <span className={ui.figure}>{data === undefined ? "…" : formatCount(data.negativeCount)}</span>
      <span className={ui.hint}>
        {data !== undefined && t("carried", { amount: formatMoney(data.owedMinor, data.currency) })}
      </span>
    </Link>
  );
}

function BelowThen({ totals }: { totals: Totals }) {
  const t = textOf("company");
  return (
    <div className={styles.tile}>
      <span className={ui.label}>{t("below")}</span>
      <span className={ui.figure}>{formatCount(totals.negativeCount)}</span>
      <span className={ui.hint}>
        {totals.closed ? t("carriedOver", { amount: formatMoney(totals.totalMinor, totals.currency) }) : t("notClosed")}
      </span>
    </div>
  );
}

const TICK_MS = 10_000;

function BillingDayTile({ totals, isToday }: { totals: Totals; isToday: boolean }) {
  const t = textOf("company");
  const money = textOf("money");
  const { data: periods } = useQuery(periodsQuery(10));
  const { data: clock } = useQuery(clockQuery);
  const [now, setNow] = useState(businessNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(businessNow()), TICK_MS);
    setNow(businessNow());
    return () => clearInterval(timer);
  }, [clock]);
  const number = isToday ? totals.period : totals.periods.at(-1);
  const period = periods?.items.find((one) => one.number === number);
  const zone = useBillingZone();
  const minutes = period === undefined ? 0 : Math.floor((Date.parse(period.endsAt) - now) / 60_000);
  const hours = Math.floor(minutes / 60);
  const left =
    minutes < 0
      ? t("dueNow")
      : hours === 0
        ? t("leftMinutes", { minutes })
        : t("leftTime", { hours, minutes: String(minutes % 60).padStart(2, "0") });
  const status = period?.status ?? (totals.closed ? "closed" : "open");
  return (
    <Link to="/billing-days" className={styles.tile}>
      <span className={ui.label}>
        {t("billingDay")}
        <span className={styles.grow} />
        <Chip tone={periodTone[status]}>{money(`status.${status}`)}</Chip>
      </span>
      <span className={ui.figure}>
        {status === "open" ? (period === undefined ? "…" : left) : money(`status.${status}`)}
      </span>
      <span className={ui.hint}>
        {period !== undefined &&
          zone !== undefined &&
          (period.closedAt === null
            ? t("closesAt", { time: formatClosing(period.endsAt, zone) })
            : t("closedAt", { time: formatClosing(period.closedAt, zone) }))}
      </span>
    </Link>
  );
}
