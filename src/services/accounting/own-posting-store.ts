/** SQL of the postings that accounting makes by itself, into the open period. */
import { Refusal } from "../../platform/refusal.ts";
import type { Sql } from "../../platform/service.ts";
import { houseAccount } from "./ledger.ts";
import type { OwnLeg, OwnSource } from "./own-posting.ts";

/** The period into which accounting posts by itself. */
export type OpenPeriod = { number: number; businessDate: string; currency: string };

/**
 * Until the end of the transaction nobody else posts by themselves or gives a fee back. Comes before all other locks of the books
 * but that against the opening of periods.
 */
export async function lockOwnPostings(sql: Sql): Promise<void> {
  await sql("select pg_advisory_xact_lock(hashtextextended(current_schema() || '.own-posting', 0))");
}

/**
 * The open period, held open until the transaction ends: its close waits. One posting of accounting's own at a time, so that
 * their numbers have no gaps.
 * @throws Refusal `no-open-period` while none is open
 */
export async function holdOpenPeriod(sql: Sql): Promise<OpenPeriod> {
  await lockOwnPostings(sql);
  await sql("select from period where number = (select max(number) from period) for share");
  const [open] = await sql<OpenPeriod>(
    `select number, business_date as "businessDate", currency from period
      where number = (select max(number) from period) and closed_at is null`,
  );
  if (open !== undefined) return open;
  throw new Refusal("unavailable", "no-open-period", "No period is open at the moment; try again shortly.", {
    retryAfterSeconds: 1,
  });
}

/** What is posted, and where: a place of the source's own in a period that is held open. */
export type OwnPosting = {
  source: OwnSource;
  period: number;
  partition: number;
  position: number;
  userId: string;
  taskId: string | null;
  at: Date;
  eventId: string;
  legs: readonly OwnLeg[];
};

/** Writes postings and the balances they move. */
export async function postOwn(sql: Sql, posting: OwnPosting): Promise<void> {
  const { source, period, partition, position, userId, taskId, at, eventId, legs } = posting;
  await sql(
    `with line as materialized (
       select l.*, a.id as popug from unnest($1::smallint[], $2::text[], $3::int[], $4::boolean[], $5::bigint[])
           as l (leg, kind, house, popug_debited, amount)
         join account a on a.user_id = $6
     ), posted as (
       insert into posting (period, source, epoch, partition, position, leg, debit_account, credit_account, amount_minor, kind,
                            user_id, task_id, occurred_at, event_id)
       select $7, $13::posting_source, 0, $8, $9, leg, case when popug_debited then popug else house end,
              case when popug_debited then house else popug end, amount, kind, $6, $10, $11, $12 from line
     )
     insert into balance (period, account_id, debits_minor, credits_minor)
     select $7, account, sum(debit)::bigint, sum(credit)::bigint
       from (select popug as account, case when popug_debited then amount else 0 end as debit,
                    case when popug_debited then 0 else amount end as credit from line
             union all
             select house, case when popug_debited then 0 else amount end, case when popug_debited then amount else 0 end
               from line) side
      group by account order by account
     on conflict (period, account_id) do update
        set debits_minor = balance.debits_minor + excluded.debits_minor,
            credits_minor = balance.credits_minor + excluded.credits_minor`,
    [
      legs.map((it) => it.leg),
      legs.map((it) => it.kind),
      legs.map((it) => houseAccount(it.house, partition)),
      legs.map((it) => it.popugIs === "debit"),
      legs.map((it) => it.amountMinor),
      ...[userId, period, partition, position, taskId, at, eventId, source],
    ],
  );
}

/** Who made a posting that has no event of tasks, and by which command; undefined when it is not known here. */
export async function findPoster(
  sql: Sql,
  posted: { source: OwnSource; period: number; position: number },
): Promise<{ command: string; userId: string } | undefined> {
  const rows = await sql<{ command: string; userId: string }>(
    `select 'payout.fail' as command, by as "userId" from payout_step
      where $1 = 'return' and period = $2 and position = $3
     union all
     select 'billing.import', imported_by from opening_balance
      where $1 = 'opening' and period = $2 and position = $3
     union all
     select 'billing.write-off', approved_by from write_off
      where $1 = 'debt' and period = $2 and position = $3
     union all
     select 'billing.correct', coalesce(c.approved_by, r.requested_by)
       from correction c join correction_request r on r.id = c.request_id
      where $1 = 'correction' and c.period = $2 and c.position = $3`,
    [posted.source, posted.period, posted.position],
  );
  return rows[0];
}
