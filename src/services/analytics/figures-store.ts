/** SQL that keeps the figures. All set-based; rows in a fixed order, so that instances on different partitions do not deadlock. */
import type { billingClosedV1 } from "../../contracts/accounting/billing.closed.v1.ts";
import { entryPostedV1 } from "../../contracts/accounting/entry.posted.v1.ts";
import { statementIssuedV1 } from "../../contracts/accounting/statement.issued.v1.ts";
import type { Received } from "../../platform/event.ts";
import type { Sql } from "../../platform/service.ts";
import type { Arrival, CompletionChange, DayChange } from "./batch.ts";

/** The types of which a period's intake is checked against its barrier. */
const checkedTypes = [entryPostedV1.type, statementIssuedV1.type];

/** Adds booked money to its days. */
export async function addToDays(sql: Sql, days: readonly DayChange[]): Promise<void> {
  if (days.length === 0) return;
  await sql(
    `insert into day_figures as known (business_date, currency, fees_minor, rewards_minor, done_count, as_of)
     select * from unnest($1::date[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::timestamptz[])
     on conflict (business_date) do update
        set fees_minor = known.fees_minor + excluded.fees_minor,
            rewards_minor = known.rewards_minor + excluded.rewards_minor,
            done_count = known.done_count + excluded.done_count,
            as_of = greatest(known.as_of, excluded.as_of)`,
    [
      days.map((d) => d.businessDate),
      days.map((d) => d.currency),
      days.map((d) => d.feesMinor),
      days.map((d) => d.rewardsMinor),
      days.map((d) => d.doneCount),
      days.map((d) => d.asOf),
    ],
  );
}

/** Moves the balances of popugs. */
export async function addToBalances(
  sql: Sql,
  changes: readonly { userId: string; changeMinor: number }[],
): Promise<void> {
  if (changes.length === 0) return;
  await sql(
    `insert into balance as known (user_id, balance_minor)
     select * from unnest($1::uuid[], $2::bigint[])
     on conflict (user_id) do update set balance_minor = known.balance_minor + excluded.balance_minor`,
    [changes.map((c) => c.userId), changes.map((c) => c.changeMinor)],
  );
}

/** Notes which tasks were finished or taken back on a day. */
export async function addToCompletions(sql: Sql, changes: readonly CompletionChange[]): Promise<void> {
  if (changes.length === 0) return;
  await sql(
    `insert into completion as known (business_date, task_id, net, reward_minor, user_id, completed_at)
     select * from unnest($1::date[], $2::uuid[], $3::int[], $4::bigint[], $5::uuid[], $6::timestamptz[])
     on conflict (business_date, task_id) do update
        set net = known.net + excluded.net,
            reward_minor = excluded.reward_minor,
            user_id = coalesce(excluded.user_id, known.user_id),
            completed_at = coalesce(excluded.completed_at, known.completed_at)`,
    [
      changes.map((c) => c.businessDate),
      changes.map((c) => c.taskId),
      changes.map((c) => c.net),
      changes.map((c) => c.rewardMinor),
      changes.map((c) => c.userId),
      changes.map((c) => c.completedAt),
    ],
  );
}

/** Notes who went out of a period below zero. */
export async function keepBelowZero(
  sql: Sql,
  statements: readonly Received<typeof statementIssuedV1>[],
): Promise<void> {
  if (statements.length === 0) return;
  await sql(
    `insert into below_zero_at_close (period, user_id, balance_minor)
     select * from unnest($1::int[], $2::uuid[], $3::bigint[]) on conflict do nothing`,
    [
      statements.map((s) => s.data.period),
      statements.map((s) => s.data.userId),
      statements.map((s) => s.data.closingMinor),
    ],
  );
}

/** Notes which day a period belongs to. */
export async function keepPeriods(
  sql: Sql,
  periods: readonly { period: number; businessDate: string; part: number }[],
): Promise<void> {
  if (periods.length === 0) return;
  await sql(
    `insert into period (period, business_date, part)
     select distinct * from unnest($1::int[], $2::date[], $3::int[]) as p (period, business_date, part) order by period
     on conflict do nothing`,
    [periods.map((p) => p.period), periods.map((p) => p.businessDate), periods.map((p) => p.part)],
  );
}

/** Keeps what accounting announced at a close; all sixteen barriers say the same. */
export async function keepClosedPeriods(
  sql: Sql,
  barriers: readonly Received<typeof billingClosedV1>[],
): Promise<void> {
  if (barriers.length === 0) return;
  await keepPeriods(
    sql,
    barriers.map(({ data }) => data),
  );
  await sql(
    `insert into closed_period (period, fees_minor, rewards_minor, negative_count)
     select distinct * from unnest($1::int[], $2::bigint[], $3::bigint[], $4::int[]) as p (period, fees, rewards, negative)
      order by period
     on conflict do nothing`,
    [
      barriers.map((b) => b.data.period),
      barriers.map((b) => b.data.feesMinor),
      barriers.map((b) => b.data.rewardsMinor),
      barriers.map((b) => b.data.negativeCount),
    ],
  );
}

/**
 * Adds to the intake of periods and writes beside it what a barrier says it has to be. Both sides stay, so that a
 * difference shows for as long as it is there, and heals when a dead letter is redriven behind the barrier.
 */
export async function keepArrivals(
  sql: Sql,
  arrivals: readonly Arrival[],
  barriers: readonly Received<typeof billingClosedV1>[],
): Promise<void> {
  const expected = barriers.flatMap(({ data, partition, control }) =>
    checkedTypes.map((type) => ({ period: data.period, partition, type, ...(control?.[type] ?? none) })),
  );
  if (arrivals.length + expected.length === 0) return;
  await sql(
    `insert into arrived as known (period, partition, type, count, checksum, expected_count, expected_checksum)
     select period, partition, type, coalesce(sum(count), 0), coalesce(sum(checksum), 0), max(expected), max(expected_checksum)
       from unnest($1::int[], $2::smallint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
         as a (period, partition, type, count, checksum, expected, expected_checksum)
      group by period, partition, type order by period, partition, type
     on conflict (period, partition, type) do update
        set count = known.count + excluded.count,
            checksum = known.checksum + excluded.checksum,
            expected_count = coalesce(excluded.expected_count, known.expected_count),
            expected_checksum = coalesce(excluded.expected_checksum, known.expected_checksum)`,
    [
      [...arrivals, ...expected].map((a) => a.period),
      [...arrivals, ...expected].map((a) => a.partition),
      [...arrivals, ...expected].map((a) => a.type),
      [...arrivals.map((a) => a.count), ...expected.map(() => null)],
      [...arrivals.map((a) => a.checksum), ...expected.map(() => null)],
      [...arrivals.map(() => null), ...expected.map((e) => e.count)],
      [...arrivals.map(() => null), ...expected.map((e) => e.checksum)],
    ],
  );
}

const none = { count: 0, checksum: "0" };
