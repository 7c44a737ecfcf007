/** SQL of the balance after each line of the audit log. */
import type { Sql } from "../../platform/service.ts";
import { type EntryKey, entryIdOf } from "./entry.ts";
import { FIRST_POPUG_ACCOUNT } from "./ledger.ts";

/**
 * The balance of the popug after each of the given lines, by entry id: what they carried into the period, and every line
 * of the period up to this one. Reads each popug's period once, however many of its lines are asked for.
 */
export async function balancesAfter(
  sql: Sql,
  lines: readonly (EntryKey & { userId: string })[],
): Promise<Map<string, number>> {
  if (lines.length === 0) return new Map();
  const rows = await sql<EntryKey & { balance: number }>(
    `with line as (
       select * from unnest($1::int[], $2::text[], $3::int[], $4::smallint[], $5::bigint[], $6::smallint[], $7::uuid[])
         as l (period, source, epoch, partition, position, leg, user_id)
     ), whose as (select distinct period, user_id from line)
     select l.period, l.source, l.epoch, l.partition, l.position, l.leg, (o.opening + m.moved)::bigint as balance
       from whose w
      cross join lateral (
        select coalesce((select s.closing_minor from statement s
                          where s.user_id = w.user_id and s.period < w.period order by s.period desc limit 1), 0)
             + coalesce((select sum(b.credits_minor - b.debits_minor) from balance b
                           join account a on a.id = b.account_id and a.user_id = w.user_id
                          where b.period < w.period and b.period in (select number from period where closed_at is null)), 0)
               as opening) o
      cross join lateral (
        select e.period, e.source::text as source, e.epoch, e.partition, e.position, e.leg,
               sum(case when e.credit_account >= $8 then e.amount_minor else -e.amount_minor end)
                 over (order by e.occurred_at, e.partition, e.position, e.leg, e.source::text, e.epoch) as moved
          from posting e where e.period = w.period and e.period = any($1) and e.user_id = w.user_id) m
       join line l on (l.period, l.source, l.epoch, l.partition, l.position, l.leg)
                 = (m.period, m.source, m.epoch, m.partition, m.position, m.leg)`,
    [
      lines.map((line) => line.period),
      lines.map((line) => line.source),
      lines.map((line) => line.epoch),
      lines.map((line) => line.partition),
      lines.map((line) => line.position),
      lines.map((line) => line.leg),
      lines.map((line) => line.userId),
      FIRST_POPUG_ACCOUNT,
    ],
  );
  return new Map(rows.map((row) => [entryIdOf(row), row.balance]));
}
