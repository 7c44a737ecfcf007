/** What the company earned on a day, as the sum of its two parts. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { TrendingDown, TrendingUp } from "lucide-react";
import { byThisHourQuery } from "../../data/books.ts";
import type { EntryKind, totalsQuery } from "../../data/money.ts";
import { formatDay } from "../../format/days.ts";
import { formatMoney } from "../../format/money.ts";
import { formatShare } from "../../format/numbers.ts";
import { textOf } from "../../i18n/text.ts";
import { ui } from "../../ui/classes.ts";
import { Money } from "../../ui/money.tsx";
import { Chip } from "../../ui/parts.tsx";
import styles from "./company.module.css";
import type { CompanySearch } from "./route.ts";

export type Totals = NonNullable<ReturnType<typeof useQuery<Awaited<ReturnType<TotalsFn>>>>["data"]>;
type TotalsFn = Extract<ReturnType<typeof totalsQuery>["queryFn"], (...args: never[]) => unknown>;

/** `linesOf`: where the lines stand that a figure is the sum of. */
export function Earned({
  totals,
  isToday,
  linesOf,
}: {
  totals: Totals;
  isToday: boolean;
  linesOf: (kind: EntryKind) => CompanySearch;
}) {
  const t = textOf("company");
  const { feesMinor, rewardsMinor, earnedMinor, currency } = totals;
  const left = Math.max(0, earnedMinor);
  return (
    <div className={styles.earned}>
      <h2 className={ui.label}>
        {isToday || totals.day === null
          ? t("earnedToday")
          : t("earnedOn", { day: formatDay(totals.day, { day: "numeric", month: "long" }) })}
      </h2>
      <div className={styles.hero}>
        <Money minor={earnedMinor} currency={currency} size="hero" />
      </div>
      {isToday && <ThanYesterday earnedMinor={earnedMinor} />}
      <dl className={styles.equation}>
        <div className={styles.bar} aria-hidden="true">
          <i style={{ flex: Math.max(1, rewardsMinor), background: "var(--ink-4)" }} />
          {left > 0 && <i style={{ flex: left, background: "var(--accent)" }} />}
        </div>
        <div>
          <dt>{t("charged")}</dt>
          <dd>
            <Link to="/company" search={linesOf("fee")} resetScroll={false}>
              <Money minor={feesMinor} currency={currency} signed />
            </Link>
          </dd>
        </div>
        <div>
          <dt>
            <i style={{ background: "var(--ink-4)" }} />
            {t("paid")}
          </dt>
          <dd>
            <Link to="/company" search={linesOf("reward")} resetScroll={false}>
              <Money minor={-rewardsMinor} currency={currency} signed />
            </Link>
          </dd>
        </div>
        <div>
          <dt>
            <i style={{ background: earnedMinor < 0 ? "var(--neg-fill)" : "var(--accent)" }} />
            {earnedMinor < 0 ? t("over") : t("left")}
          </dt>
          <dd className="num">{formatShare(feesMinor === 0 ? 0 : earnedMinor / feesMinor)}</dd>
        </div>
      </dl>
    </div>
  );
}

function ThanYesterday({ earnedMinor }: { earnedMinor: number }) {
  const t = textOf("company");
  const { data } = useQuery(byThisHourQuery);
  if (data === undefined || data.dayBefore === null) return <Chip>{"\u00a0".repeat(24)}</Chip>;
  const difference = earnedMinor - data.earnedBeforeMinor;
  const amount = formatMoney(Math.abs(difference), data.currency, { short: true });
  if (difference === 0) return <Chip>{t("same")}</Chip>;
  return difference > 0 ? (
    <Chip tone="pos">
      <TrendingUp size={13} aria-hidden="true" />
      {t("more", { amount })}
    </Chip>
  ) : (
    <Chip>
      <TrendingDown size={13} aria-hidden="true" />
      {t("less", { amount })}
    </Chip>
  );
}
