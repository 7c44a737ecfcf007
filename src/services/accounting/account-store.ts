/** SQL of accounts as people see them: what is carried over, and what moved since. */
import type { Sql } from "../../platform/service.ts";
import { FIRST_POPUG_ACCOUNT, unearnedKinds } from "./ledger.ts";
import { periodsOfLastDays } from "./period-store.ts";

export type AccountRow = {
  userId: string;
  name: string;
  login: string;
  active: boolean;
  /** Carried over from the last closed period. */
  openingMinor: number;
  /** Movements of the periods that are not closed. */
  creditsMinor: number;
  debitsMinor: number;
  balanceMinor: number;
  /** Credits − debits of the present business day, all its parts; not what came back or was given up. */
  earnedTodayMinor: number;
};

const UNEARNED = unearnedKinds.map((kind) => `'${kind}'`).join(", ");

/**
 * Periods are closed in order, so "not closed" is what lies behind the newest closed one. `chosen` yields the accounts of
 * interest first: sums are read for a page of them, never for all. The periods of the present day are $1 to $2.
 */
const accounts = (chosen: string) => `
  with last as materialized (select coalesce(max(number), 0) as closed from period where closed_at is not null),
       chosen as materialized (
         select a.id, a.user_id, coalesce(p.name, '') as name, coalesce(p.login, '') as login, coalesce(p.active, true) as active
           from account a left join person p on p.user_id = a.user_id
          where a.kind = 'popug' and ${chosen}
       )
  select a.user_id as "userId", a.name, a.login, a.active, coalesce(s.closing_minor, 0) as "openingMinor",
         moved.credits as "creditsMinor", moved.debits as "debitsMinor",
         coalesce(s.closing_minor, 0) + moved.credits - moved.debits as "balanceMinor", of_today.earned as "earnedTodayMinor"
    from chosen a
   cross join last
    left join statement s on s.account_id = a.id and s.period = last.closed
   cross join lateral (
     select coalesce(sum(credits_minor), 0)::bigint as credits, coalesce(sum(debits_minor), 0)::bigint as debits
       from balance b where b.account_id = a.id and b.period in (select number from period where closed_at is null)) moved
   cross join lateral (
     select (coalesce(sum(credits_minor - debits_minor), 0) - coalesce((
              select sum(case when e.credit_account = a.id then e.amount_minor else -e.amount_minor end) from posting e
               where e.user_id = a.user_id and e.period between $1 and $2 and e.kind in (${UNEARNED})), 0)
            )::bigint as earned
       from balance b where b.account_id = a.id and b.period between $1 and $2) of_today
   order by a.name, a.user_id`;

/** The account of a popug; undefined when nothing about them has arrived yet. */
export async function findAccount(sql: Sql, userId: string): Promise<AccountRow | undefined> {
  const today = await periodsOfLastDays(sql);
  return (await sql<AccountRow>(accounts("a.user_id = $3"), [today.first, today.last, userId]))[0];
}

/** All accounts by name, from behind `after`. */
export async function listAccountRows(
  sql: Sql,
  after: { name: string; userId: string } | null,
  limit: number,
): Promise<AccountRow[]> {
  const today = await periodsOfLastDays(sql);
  return await sql<AccountRow>(
    accounts(
      `($3::text is null or (coalesce(p.name, ''), a.user_id) > ($3, $4::uuid))
       order by coalesce(p.name, ''), a.user_id limit $5`,
    ),
    [today.first, today.last, after?.name ?? null, after?.userId ?? null, limit],
  );
}

/** Σ of all popugs' balances, and how many are below zero, now. */
export async function sumOfBalances(sql: Sql): Promise<{ totalMinor: number; negativeCount: number }> {
  const rows = await sql<{ totalMinor: number; negativeCount: number }>(
    `select coalesce(sum(balance), 0)::bigint as "totalMinor", count(*) filter (where balance < 0) as "negativeCount"
       from (select sum(amount) as balance
               from (select account_id, closing_minor as amount from statement
                      where period = (select max(number) from period where closed_at is not null)
                     union all
                     select account_id, credits_minor - debits_minor from balance
                      where account_id >= $1 and period in (select number from period where closed_at is null)) part
              group by account_id) accounts`,
    [FIRST_POPUG_ACCOUNT],
  );
  return rows[0] as { totalMinor: number; negativeCount: number };
}
