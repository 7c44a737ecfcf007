/** The last billing days beside the ledger. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { payslipCountsQuery, periodsQuery } from "../../data/books.ts";
import { daysQuery } from "../../data/money.ts";
import { formatDay } from "../../format/days.ts";
import { textOf } from "../../i18n/text.ts";
import { ui } from "../../ui/classes.ts";
import { Money } from "../../ui/money.tsx";
import { Card, Chip } from "../../ui/parts.tsx";
import { LoadingRows } from "../../ui/states.tsx";
import styles from "./company.module.css";
import { periodTone } from "../../ui/period-tone.ts";

const SHOWN = 6;

export function BillingDaysCard() {
  const t = textOf("company");
  const money = textOf("money");
  const { data: periods } = useQuery(periodsQuery(10));
  const { data: days } = useQuery(daysQuery(30));
  const shown = periods?.items.slice(0, SHOWN);
  const from = shown?.at(-1)?.number ?? 1;
  const { data: counts } = useQuery({
    ...payslipCountsQuery(from, shown?.[0]?.number ?? 1),
    enabled: shown !== undefined,
  });
  return (
    <Card title={t("billingDays")}>
      {shown === undefined ? (
        <LoadingRows rows={5} />
      ) : (
        <ul className={styles.days}>
          {shown.map((one, index) => {
            const day = days?.items.find((row) => row.day === one.businessDate);
            const slips = counts?.items.find((row) => row.period === one.number);
            const name = index === 0 ? money("today") : formatDay(one.businessDate);
            const earned = one.totals?.earnedMinor ?? (day?.periods.length === 1 ? day.earnedMinor : undefined);
            return (
              <li key={one.number}>
                <Link to="/billing-days/$period" params={{ period: String(one.number) }}>
                  <span className={styles.dayName}>
                    {one.part === 1 ? name : money("part", { day: name, part: one.part })}
                    <Chip tone={periodTone[one.status]}>{money(`status.${one.status}`)}</Chip>
                  </span>
                  {earned === undefined ? <span /> : <Money minor={earned} currency={one.currency} />}
                  <span className={ui.hint}>
                    {one.status === "open"
                      ? t("writing")
                      : one.status === "closing"
                        ? [
                            one.waitingFor[0]?.text,
                            one.waitingFor.length > 1 && t("waitingMore", { count: one.waitingFor.length - 1 }),
                          ]
                            .filter(Boolean)
                            .join(", ")
                        : t("payslips", {
                            payouts: t("payouts", { count: one.totals?.payoutCount ?? 0 }),
                            sent: slips?.sent ?? 0,
                            total: slips?.total ?? 0,
                          })}
                  </span>
                </Link>
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}
