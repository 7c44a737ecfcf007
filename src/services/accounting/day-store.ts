/** SQL of days: a business day is the sum of its periods. */
import type { Sql } from "../../platform/service.ts";
import { houseAccounts } from "./ledger.ts";

export type DayRow = {
  day: string;
  currency: string;
  feesMinor: number;
  /** Net of taken-back rewards. */
  rewardsMinor: number;
  /** fees − rewards. */
  earnedMinor: number;
  paidOutMinor: number;
  /** Popugs below zero when the last period of the day was closed; null while it is not. */
  negativeCount: number | null;
  /** Sum of what they carry; null while the day's last period is not closed. */
  carriedMinor: number | null;
  periods: number[];
  closed: boolean;
};

/** Days, newest first: one of them, or those before `before`. */
export async function listDayRows(
  sql: Sql,
  which: { day?: string; before?: string },
  limit: number,
): Promise<DayRow[]> {
  return await sql<DayRow>(
    `select day, currency, fees as "feesMinor", rewards as "rewardsMinor", fees - rewards as "earnedMinor", paid as "paidOutMinor",
            case when closed then negative end as "negativeCount", case when closed then carried end as "carriedMinor", periods, closed
       from (
         select p.business_date as day, min(p.currency) as currency, bool_and(p.closed_at is not null) as closed,
                array_agg(p.number order by p.number) as periods, coalesce(sum(c.paid_out_minor), 0)::bigint as paid,
                (array_agg(c.negative_count order by p.number desc))[1] as negative,
                (array_agg(c.carried_minor order by p.number desc))[1] as carried,
                coalesce(sum(house.fees), 0)::bigint as fees, coalesce(sum(house.rewards), 0)::bigint as rewards
           from period p
           left join closing c on c.period = p.number
          cross join lateral (
            select sum(credits_minor - debits_minor) filter (where account_id = any($4::int[])) as fees,
                   sum(debits_minor - credits_minor) filter (where account_id = any($5::int[])) as rewards
              from balance where period = p.number and account_id = any($4::int[] || $5::int[])) house
          where ($1::date is null or p.business_date = $1) and ($2::date is null or p.business_date < $2)
          group by p.business_date order by p.business_date desc limit $3) days`,
    [which.day ?? null, which.before ?? null, limit, houseAccounts("fee-income"), houseAccounts("reward-expense")],
  );
}
