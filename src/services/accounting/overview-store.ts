/** SQL of what accountants look at first: all balances in figures, all accounts in an order, income by this hour. */
import type { Sql } from "../../platform/service.ts";
import { FIRST_POPUG_ACCOUNT, houseAccounts, unearnedKinds } from "./ledger.ts";
import { periodsOf, periodsOfLastDays } from "./period-store.ts";
import { secondOf } from "./posting-store.ts";

/** What every account stands at now: carried over, and moved since. Accounts that never moved are not among them. */
const STANDING = `
  select account_id, sum(amount)::bigint as balance
    from (select account_id, closing_minor as amount from statement
           where period = (select max(number) from period where closed_at is not null)
          union all
          select account_id, credits_minor - debits_minor from balance
           where account_id >= ${FIRST_POPUG_ACCOUNT} and period in (select number from period where closed_at is null)) part
   group by account_id`;

const UNEARNED = unearnedKinds.map((kind) => `'${kind}'`).join(", ");

export type Standing = {
  /** Sum of the balances above zero: what a close would pay out now. */
  payableMinor: number;
  payableCount: number;
  /** Sum of the balances below zero; not above 0. */
  owedMinor: number;
  negativeCount: number;
  /** Of popugs; an account without any movement is one, too. */
  accountCount: number;
  /** Lines of the ledger in the present business day. */
  entryCount: number;
};

/** All balances in six figures. */
export async function loadStanding(sql: Sql): Promise<Standing> {
  const today = await periodsOfLastDays(sql);
  const rows = await sql<Standing>(
    `select coalesce(sum(balance) filter (where balance > 0), 0)::bigint as "payableMinor",
            count(*) filter (where balance > 0) as "payableCount",
            coalesce(sum(balance) filter (where balance < 0), 0)::bigint as "owedMinor",
            count(*) filter (where balance < 0) as "negativeCount",
            (select count(*) from account where kind = 'popug') as "accountCount",
            (select count(*) from posting where period between $1 and $2) as "entryCount"
       from (${STANDING}) standing`,
    [today.first, today.last],
  );
  return rows[0] as Standing;
}

/** Fees − rewards of a business day, of what happened before `until`. */
export async function earnedBefore(sql: Sql, day: string, until: Date): Promise<number> {
  const { first, last } = await periodsOf(sql, day);
  const rows = await sql<{ earned: number }>(
    `select (coalesce(sum(amount_minor) filter (where credit_account = any($3::int[])), 0)
             - coalesce(sum(amount_minor) filter (where debit_account = any($4::int[])), 0)
             + coalesce(sum(amount_minor) filter (where credit_account = any($4::int[])), 0)
             - coalesce(sum(amount_minor) filter (where debit_account = any($3::int[])), 0))::bigint as earned
       from posting
      where period between $1 and $2 and occurred_at < $5 and ${secondOf("occurred_at")} <= ${secondOf("$5::timestamptz")}`,
    [first, last, houseAccounts("fee-income"), houseAccounts("reward-expense"), until],
  );
  return rows[0]?.earned ?? 0;
}

export const accountOrders = ["name", "balance", "-balance", "earned", "-earned"] as const;
export type AccountOrder = (typeof accountOrders)[number];

export type AccountLine = {
  userId: string;
  name: string;
  login: string;
  active: boolean;
  balanceMinor: number;
  /** Of the present business day, all its parts. */
  creditsTodayMinor: number;
  debitsTodayMinor: number;
  earnedTodayMinor: number;
  lastPayoutMinor: number | null;
  lastPayoutDay: string | null;
  /** Credits − debits without what came back or was given up, of the last business days, the oldest first; the present one is the last. */
  earnedByDay: number[];
};

const orders: Record<AccountOrder, string> = {
  name: "name, user_id",
  balance: "balance, name, user_id",
  "-balance": "balance desc, name, user_id",
  earned: "credits - debits, name, user_id",
  "-earned": "credits - debits desc, name, user_id",
};

/**
 * Accounts in an order, from the given place on. All balances are summed for it, so this is for people to look at; the
 * dearer columns are read for the page alone.
 */
export async function listAccountLines(
  sql: Sql,
  which: { order: AccountOrder; negative: boolean; named: string | undefined },
  offset: number,
  limit: number,
  days: number,
): Promise<AccountLine[]> {
  const today = await periodsOfLastDays(sql);
  const recent = await periodsOfLastDays(sql, days);
  return await sql<AccountLine>(
    `with chosen as materialized (
            select a.id, a.user_id, coalesce(p.name, '') as name, coalesce(p.login, '') as login,
                   coalesce(p.active, true) as active, coalesce(s.balance, 0)::bigint as balance,
                   coalesce(t.credits, 0)::bigint as credits, coalesce(t.debits, 0)::bigint as debits
              from account a
              left join person p on p.user_id = a.user_id
              left join (${STANDING}) s on s.account_id = a.id
              left join (select account_id, sum(credits) as credits, sum(debits) as debits from (
                          select account_id, credits_minor as credits, debits_minor as debits from balance
                           where period between $5 and $6 and account_id >= ${FIRST_POPUG_ACCOUNT}
                          union all
                          select greatest(credit_account, debit_account),
                                 case when credit_account >= ${FIRST_POPUG_ACCOUNT} then -amount_minor else 0 end,
                                 case when debit_account >= ${FIRST_POPUG_ACCOUNT} then -amount_minor else 0 end
                            from posting
                           where period between $5 and $6 and kind in (${UNEARNED})) moved
                        group by account_id) t on t.account_id = a.id
             where a.kind = 'popug' and (not $1::boolean or s.balance < 0)
               and ($2::text is null or strpos(lower(p.name || ' ' || p.login), lower($2)) > 0)
             order by ${orders[which.order]} offset $3 limit $4),
          recent as materialized (
            select business_date, array_agg(number) as numbers, min(number) as first, max(number) as last from period
             where number between $7 and $8 group by business_date)
     select user_id as "userId", name, login, active, balance as "balanceMinor", credits as "creditsTodayMinor",
            debits as "debitsTodayMinor", credits - debits as "earnedTodayMinor",
            paid.amount as "lastPayoutMinor", paid.day as "lastPayoutDay",
            array(select coalesce((select sum(b.credits_minor - b.debits_minor) from balance b
                                    where b.account_id = c.id and b.period = any(r.numbers)), 0)::bigint
                          - coalesce((select sum(case when e.credit_account = c.id then e.amount_minor else -e.amount_minor end)
                                         from posting e where e.user_id = c.user_id
                                         and e.period between $7 and $8 and e.period between r.first and r.last and e.kind in (${UNEARNED})), 0)::bigint
                    from recent r order by r.business_date) as "earnedByDay"
       from chosen c
       left join lateral (select s.payout_minor as amount, q.business_date as day
                            from statement s join period q on q.number = s.period
                           where s.user_id = c.user_id and s.payout_minor > 0 order by s.period desc limit 1) paid on true
      order by ${orders[which.order]}`,
    [which.negative, which.named ?? null, offset, limit, today.first, today.last, recent.first, recent.last],
  );
}
