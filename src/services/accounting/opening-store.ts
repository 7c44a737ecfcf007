/** SQL of balances that are brought in from other books. */
import type { Sql } from "../../platform/service.ts";
import { houseAccount } from "./ledger.ts";

/** No period is opened until the end of the transaction. Comes before all locks of the books, as where periods are opened. */
export async function holdOpeningOfPeriods(sql: Sql): Promise<void> {
  await sql("select hold_opening_of_periods()");
}

export type Known = { userId: string; login: string; broughtIn: number | null };

/** Who is meant by logins or user ids, and what was brought in for them before. */
export async function findOwners(sql: Sql, who: readonly string[]): Promise<Known[]> {
  return await sql<Known>(
    `select p.user_id as "userId", p.login, o.amount_minor as "broughtIn"
       from person p left join opening_balance o on o.user_id = p.user_id
      where lower(p.login) = any($1::text[]) or p.user_id::text = any($1::text[])`,
    [who.map((word) => word.toLowerCase())],
  );
}

export type BroughtIn = { userId: string; amountMinor: number; id: string };
export type Posted = BroughtIn & { partition: number; position: number };

/** Writes balances and their postings into a period that is held open; returns their places. All of them have accounts. */
export async function postOpenings(
  sql: Sql,
  lines: readonly BroughtIn[],
  at: { period: number; by: string; now: Date },
): Promise<Posted[]> {
  return await sql<Posted>(
    `with line as materialized (
       select l.user_id, l.amount, l.id, a.id as popug, a.partition, $6::int + a.partition as house,
              (select coalesce(max(position), 0) from opening_balance where period = $4) + row_number() over (order by l.user_id) as position
         from unnest($1::uuid[], $2::bigint[], $3::uuid[]) as l (user_id, amount, id) join account a on a.user_id = l.user_id
     ), noted as (
       insert into opening_balance (user_id, amount_minor, id, period, partition, position, imported_by, imported_at)
       select user_id, amount, id, $4, partition, position, $5, $7 from line
     ), posted as (
       insert into posting (period, source, epoch, partition, position, leg, debit_account, credit_account, amount_minor, kind,
                            user_id, task_id, occurred_at, event_id)
       select $4, 'opening', 0, partition, position, 0, case when amount > 0 then house else popug end,
              case when amount > 0 then popug else house end, abs(amount), case when amount > 0 then 'opening' else 'opening-debt' end,
              user_id, null, $7, id from line
     ), moved as (
       insert into balance (period, account_id, debits_minor, credits_minor)
       select $4, account, sum(debit)::bigint, sum(credit)::bigint
         from (select popug as account, greatest(-amount, 0) as debit, greatest(amount, 0) as credit from line
               union all select house, greatest(amount, 0), greatest(-amount, 0) from line) side
        group by account order by account
       on conflict (period, account_id) do update
          set debits_minor = balance.debits_minor + excluded.debits_minor,
              credits_minor = balance.credits_minor + excluded.credits_minor
     )
     select user_id as "userId", amount as "amountMinor", id, partition, position from line order by partition, position`,
    [
      ...[lines.map(({ userId }) => userId), lines.map(({ amountMinor }) => amountMinor), lines.map(({ id }) => id)],
      ...[at.period, at.by, houseAccount("opening-balance", 0), at.now],
    ],
  );
}
