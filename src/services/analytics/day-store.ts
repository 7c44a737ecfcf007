/** SQL that reads the figures of days. */
import { PARTITIONS } from "../../platform/event.ts";
import type { Sql } from "../../platform/service.ts";

/** One day of the company. Null: nobody has announced it yet. */
export type DayRow = {
  day: string;
  currency: string | null;
  feesMinor: number;
  rewardsMinor: number;
  /** At the close of the day's last closed period. */
  negativeCount: number | null;
  lastPeriod: number | null;
  asOf: Date | null;
  /** All of the day is here: registration ended, every period closed by 16 barriers, exactly the announced events counted. */
  complete: boolean;
  /** What accounting announced for the closed periods of the day. */
  announcedFeesMinor: number | null;
  announcedRewardsMinor: number | null;
};

/** A difference between what arrived and what accounting announced; none of the day's figures is final until it is gone. */
export type Finding = {
  period: number;
  /** Null: the money of the whole day differs, not the number of events in one partition. */
  partition: number | null;
  what: string;
  expected: number;
  counted: number;
};

/** Types of events per partition whose intake is checked (entries and statements). */
const CHECKED_TYPES = 2;

/** Which day it is, and in which currency the books are. */
export type Present = { today: string; currency: string };

/** The latest business date and the currency that any event has named; what counts before the first where none has. */
export async function findPresent(sql: Sql, before: Present): Promise<Present> {
  const [row] = await sql<{ today: string | null; currency: string | null }>(
    `select greatest((select max(business_date) from period), (select max(business_date) from day_figures)) as today,
            (select currency from day_figures order by business_date desc limit 1) as currency`,
  );
  return { today: row?.today ?? before.today, currency: row?.currency ?? before.currency };
}

/**
 * Days in order, those without any booking included, from the first known one. A day is complete when the period after
 * its last one belongs to a later day, none of its periods is unknown, and each was closed and counted in all partitions.
 */
export async function listDays(sql: Sql, from: string, to: string): Promise<DayRow[]> {
  return await sql<DayRow>(
    `with known as (
       select business_date, count(*) = max(part) as gapless, max(period) as last_period
         from period where business_date between $1::date and $2::date group by business_date
     ), closed as (
       select p.business_date, count(*) as closed_count, sum(c.fees_minor)::bigint as fees_minor,
              sum(c.rewards_minor)::bigint as rewards_minor, max(c.period) as last_closed,
              bool_and((select count(*) from arrived a
                         where a.period = p.period and a.count = a.expected_count
                           and a.checksum = a.expected_checksum) = $3) as proven
         from period p join closed_period c using (period)
        where p.business_date between $1::date and $2::date group by p.business_date
     )
     select d.day::date as day, f.currency, coalesce(f.fees_minor, 0)::bigint as "feesMinor",
            coalesce(f.rewards_minor, 0)::bigint as "rewardsMinor", f.as_of as "asOf",
            (select negative_count from closed_period where period = c.last_closed) as "negativeCount",
            c.last_closed as "lastPeriod",
            coalesce(k.gapless and c.proven and c.closed_count = (select count(*) from period where business_date = d.day)
              and exists (select from period n where n.period = k.last_period + 1 and n.business_date > d.day), false) as complete,
            c.fees_minor as "announcedFeesMinor", c.rewards_minor as "announcedRewardsMinor"
       from generate_series(greatest($1::date, (select least((select min(business_date) from period),
                                                             (select min(business_date) from day_figures)))),
                            $2::date, '1 day') as d (day)
       left join day_figures f on f.business_date = d.day
       left join known k on k.business_date = d.day
       left join closed c on c.business_date = d.day
      order by d.day`,
    [from, to, PARTITIONS * CHECKED_TYPES],
  );
}

/** The partitions whose intake differs from what the barrier says stands before it. */
export async function listArrivalFindings(sql: Sql, day: string, limit: number): Promise<Finding[]> {
  return await sql<Finding>(
    `select a.period, a.partition::int as partition, a.type as what, a.expected_count as expected, a.count as counted
       from arrived a join period p using (period)
      where p.business_date = $1::date and a.expected_count is not null
        and (a.count, a.checksum) <> (a.expected_count, a.expected_checksum)
      order by a.period, a.partition, a.type limit $2`,
    [day, limit],
  );
}

export type BelowZero = { userId: string; name: string | null; balanceMinor: number };

/** Popugs below zero now, the deepest first, and how many there are. */
export async function listBelowZeroNow(sql: Sql, limit: number): Promise<{ count: number; popugs: BelowZero[] }> {
  const popugs = await sql<BelowZero>(
    `select b.user_id as "userId", p.name, b.balance_minor as "balanceMinor"
       from balance b left join person p using (user_id)
      where b.balance_minor < 0 order by b.balance_minor, b.user_id limit $1`,
    [limit],
  );
  const rows = await sql<{ count: number }>(`select count(*) as count from balance where balance_minor < 0`);
  return { count: rows[0]?.count ?? 0, popugs };
}

/** Popugs who went out of a period below zero, the deepest first. */
export async function listBelowZeroAt(sql: Sql, period: number, limit: number): Promise<BelowZero[]> {
  return await sql<BelowZero>(
    `select b.user_id as "userId", p.name, b.balance_minor as "balanceMinor"
       from below_zero_at_close b left join person p using (user_id)
      where b.period = $1 order by b.balance_minor, b.user_id limit $2`,
    [period, limit],
  );
}
