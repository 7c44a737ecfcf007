/** The budget of failed sign-ins that one network has, whatever logins it tries: against spraying. */
import type { Sql } from "../../platform/service.ts";

/** So many at once, and one more every three seconds: plenty for an office behind one address. */
const BUDGET = 300;
const SECONDS_EACH = 3;

const left = `greatest(0, s.spent - extract(epoch from clock_timestamp() - s.last_at) / ${SECONDS_EACH})`;

/** Spends one; returns 0, or for how many seconds there is none left (nothing was spent then). */
export async function spendAttempt(sql: Sql, sourceHmac: Buffer): Promise<number> {
  const spent = await sql(
    `insert into sign_in_source as s (source_hmac, spent, last_at) values ($1, 1, clock_timestamp())
     on conflict (source_hmac) do update set spent = ${left} + 1, last_at = clock_timestamp()
      where ${left} + 1 <= ${BUDGET}
     returning 1`,
    [sourceHmac],
  );
  if (spent.length > 0) return 0;
  const rows = await sql<{ seconds: number }>(
    `select greatest(1, ceil((${left} + 1 - ${BUDGET}) * ${SECONDS_EACH}))::int as seconds
       from sign_in_source s where source_hmac = $1`,
    [sourceHmac],
  );
  return rows[0]?.seconds ?? 1;
}

/** Gives one back: the sign-in was good. */
export async function refundAttempt(sql: Sql, sourceHmac: Buffer): Promise<void> {
  await sql("update sign_in_source set spent = greatest(0, spent - 1) where source_hmac = $1", [sourceHmac]);
}

/** Forgets up to `limit` networks that have all of their budget again; returns how many there were. */
export async function forgetOldSources(sql: Sql, limit: number): Promise<number> {
  const rows = await sql(
    `delete from sign_in_source where source_hmac in
       (select source_hmac from sign_in_source where last_at < clock_timestamp() - interval '1 hour'
         order by last_at limit $1 for update skip locked)
     returning 1`,
    [limit],
  );
  return rows.length;
}
