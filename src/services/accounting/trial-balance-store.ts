/** SQL of the trial balance. */
import type { Sql } from "../../platform/service.ts";

export type Moved = { account: string; debitsMinor: number; creditsMinor: number };

/** Movements of a period by kind of account. Payouts stand in the statements, not in the balances, so they are added to both sides. */
export async function trialBalance(sql: Sql, period: number): Promise<Moved[]> {
  return await sql<Moved>(
    `with paid as (select coalesce(sum(payout_minor), 0)::bigint as sum from statement where period = $1),
          moved as (
            select a.kind, sum(b.debits_minor) as debits, sum(b.credits_minor) as credits
              from balance b join account a on a.id = b.account_id where b.period = $1 group by a.kind
            union all select 'popug', sum, 0 from paid
            union all select 'payout-clearing', 0, sum from paid)
     select kind as account, sum(debits)::bigint as "debitsMinor", sum(credits)::bigint as "creditsMinor"
       from moved group by kind`,
    [period],
  );
}
