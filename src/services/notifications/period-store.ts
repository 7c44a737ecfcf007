/** SQL of what has arrived about periods: intake, audit lines, statements. */
import type { entryPostedV4 } from "../../contracts/accounting/entry.posted.v4.ts";
import type { billingClosedV1, Discarded } from "../../contracts/accounting/billing.closed.v1.ts";
import type { statementIssuedV1 } from "../../contracts/accounting/statement.issued.v1.ts";
import type { DataOf } from "../../platform/contract.ts";
import { PARTITIONS, type Received } from "../../platform/event.ts";
import type { Sql } from "../../platform/service.ts";
import type { Arrival } from "./arrivals.ts";

export type BillingClosed = DataOf<typeof billingClosedV1>;

/** Types whose intake is kept, each by its own consumer: entries, statements, and the barriers themselves. */
const KEPT_TYPES = 3;

/**
 * Adds to the intake. Both sides, counted and expected, stay: a difference shows for as long as it is there, and heals
 * when a dead letter is redriven behind the barrier.
 */
export async function keepArrivals(sql: Sql, arrivals: readonly Arrival[]): Promise<void> {
  if (arrivals.length === 0) return;
  await sql(
    `insert into arrived as known (period, partition, type, count, checksum, expected_count, expected_checksum)
     select * from unnest($1::int[], $2::smallint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
     on conflict (period, partition, type) do update
        set count = known.count + excluded.count,
            checksum = known.checksum + excluded.checksum,
            expected_count = coalesce(excluded.expected_count, known.expected_count),
            expected_checksum = coalesce(excluded.expected_checksum, known.expected_checksum)`,
    [
      arrivals.map((a) => a.period),
      arrivals.map((a) => a.partition),
      arrivals.map((a) => a.type),
      arrivals.map((a) => a.count),
      arrivals.map((a) => a.checksum),
      arrivals.map((a) => a.expectedCount),
      arrivals.map((a) => a.expectedChecksum),
    ],
  );
}

/** Keeps what accounting announced; all sixteen barriers of a period say the same. */
export async function keepClosedPeriods(
  sql: Sql,
  barriers: readonly Received<typeof billingClosedV1>[],
): Promise<void> {
  const announced = new Map(barriers.map((barrier) => [barrier.data.period, barrier]));
  if (announced.size === 0) return;
  await sql(
    `insert into closed_period (period, announced, traceparent)
     select (p->>'period')::int, p, t from unnest($1::jsonb[], $2::text[]) as closed (p, t) order by 1
     on conflict do nothing`,
    [
      [...announced.values()].map(({ data }) => JSON.stringify(data)),
      [...announced.values()].map(({ traceparent }) => traceparent),
    ],
  );
}

/** Writes the entries of a batch into the audit log, one statement for all of them. */
export async function keepAuditLines(sql: Sql, events: readonly Received<typeof entryPostedV4>[]): Promise<void> {
  const lines = events.flatMap(({ data }) => data.entries.map((entry) => ({ period: data.period, ...entry })));
  if (lines.length === 0) return;
  await sql(
    `insert into audit_line (period, user_id, entry_id, kind, amount_minor, task_id, title, jira_id, occurred_at)
     select * from unnest($1::int[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::uuid[], $7::text[], $8::text[],
                          $9::timestamptz[])
     on conflict do nothing`,
    [
      lines.map((l) => l.period),
      lines.map((l) => l.userId),
      lines.map((l) => l.entryId),
      lines.map((l) => l.kind),
      lines.map((l) => l.amountMinor),
      lines.map((l) => l.taskId),
      lines.map((l) => l.title),
      lines.map((l) => l.jiraId),
      lines.map((l) => l.occurredAt),
    ],
  );
}

/** Keeps statements until the period is complete and payslips are made of them. */
export async function keepStatements(sql: Sql, events: readonly Received<typeof statementIssuedV1>[]): Promise<void> {
  if (events.length === 0) return;
  const data = events.map((event) => event.data);
  await sql(
    `insert into statement (period, user_id, label, business_date, opening_minor, credits_minor, debits_minor,
                            payout_minor, closing_minor, currency)
     select * from unnest($1::int[], $2::uuid[], $3::text[], $4::date[], $5::bigint[], $6::bigint[], $7::bigint[],
                          $8::bigint[], $9::bigint[], $10::text[])
     on conflict do nothing`,
    [
      data.map((s) => s.period),
      data.map((s) => s.userId),
      data.map((s) => s.label),
      data.map((s) => s.businessDate),
      data.map((s) => s.openingMinor),
      data.map((s) => s.creditsMinor),
      data.map((s) => s.debitsMinor),
      data.map((s) => s.payoutMinor),
      data.map((s) => s.closingMinor),
      data.map((s) => s.currency),
    ],
  );
}

/**
 * The earliest period of which everything has arrived (all sixteen barriers, and behind each exactly the announced
 * entries and statements) and whose mails are not queued yet; locked, so that two instances do not both queue them.
 * An event that people decided to discard counts as arrived; `discarded` says how many there were.
 */
export async function takeCompletePeriod(
  sql: Sql,
): Promise<{ announced: BillingClosed; discarded: number; traceparent: string | null } | undefined> {
  const rows = await sql<{ announced: BillingClosed; discarded: number; traceparent: string | null }>(
    `select announced, traceparent,
            (select count(*) from dead_letter d
              where d.period = c.period and d.source = 'accounting' and d.status = 'discarded') as discarded
       from closed_period c
      where mails_queued_at is null
        and (select count(*)
               from arrived a
              cross join lateral (
                select count(*) as count, coalesce(sum(('x' || right(event_id::text, 8))::bit(32)::bigint), 0) as checksum
                  from dead_letter d
                 where d.period = a.period and d.partition = a.partition and d.type = a.type
                   and d.source = 'accounting' and d.status = 'discarded') as gone
              where a.period = c.period and a.count + gone.count = a.expected_count
                and a.checksum + gone.checksum = a.expected_checksum) = $1
      order by period limit 1 for update skip locked`,
    [PARTITIONS * KEPT_TYPES],
  );
  return rows[0];
}

/** What of accounting's events of a period people decided to leave out here: no more than anybody reads. */
export async function findLeftOut(sql: Sql, period: number): Promise<Discarded[]> {
  return await sql(
    `select type, key, event_id as "eventId", discard_reason as reason, string_to_array(discard_by, ', ') as by
       from dead_letter
      where period = $1 and source = 'accounting' and status = 'discarded' order by ended_at, id limit 20`,
    [period],
  );
}

/** Notes that the mails of a period are queued. */
export async function markMailsQueued(sql: Sql, period: number, now: Date): Promise<void> {
  await sql(`update closed_period set mails_queued_at = $2 where period = $1`, [period, now]);
}

/** What was earned on other days, as announced when they were closed, for the report; null: nothing of that day was closed. */
export async function findEarned(sql: Sql, days: readonly string[]): Promise<(number | null)[]> {
  const rows = await sql<{ earned: number | null }>(
    `select (select sum((c.announced ->> 'earnedMinor')::bigint)::bigint from closed_period c
              where c.announced ->> 'businessDate' = d.day) as earned
       from unnest($1::text[]) with ordinality as d (day, n) order by n`,
    [days],
  );
  return rows.map(({ earned }) => earned);
}

/** The finished task of a period with the highest reward, for the report; of equal ones the one that was finished first. */
export async function findTopTask(
  sql: Sql,
  period: number,
): Promise<{ title: string | null; jiraId: string | null; rewardMinor: number; name: string | null } | undefined> {
  const rows = await sql<{ title: string | null; jiraId: string | null; rewardMinor: number; name: string | null }>(
    `select top.title, top.jira_id as "jiraId", top.amount_minor as "rewardMinor", p.name
       from (select distinct on (task_id) *
               from (select l.*, sum(case kind when 'reward' then 1 else -1 end) over (partition by task_id) as net
                       from audit_line l where period = $1 and kind in ('reward', 'reward-reversal')) line
              where net > 0 and kind = 'reward' order by task_id, occurred_at desc, entry_id) as top
       left join person p using (user_id)
      order by amount_minor desc, occurred_at, task_id limit 1`,
    [period],
  );
  return rows[0];
}
