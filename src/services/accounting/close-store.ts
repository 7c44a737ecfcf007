/** SQL of the close: set-based, all of it in the one transaction that holds the period. */
import type { Discarded } from "../../contracts/accounting/billing.closed.v1.ts";
import type { Sql } from "../../platform/service.ts";
import type { CloseFigures } from "./close-rules.ts";
import { houseAccount, houseAccounts } from "./ledger.ts";
import type { BlockHead } from "./seal.ts";

/** The end of registration that a close follows from, as cause of what it emits. */
export type Ending = {
  partition: number;
  position: number;
  epoch: number;
  id: string;
  correlationId: string;
  actor: `user:${string}` | `system:${string}`;
  endedAt: Date;
  traceparent: string | null;
};

/**
 * Tells the planner what it cannot know: the rows that a close writes and reads again have no statistics yet, and a nested
 * loop over what looks like a few of them takes many times the close. Ends with the transaction.
 */
export async function planForMany(sql: Sql): Promise<void> {
  await sql("select set_config('enable_nestloop', 'off', true), set_config('work_mem', '64MB', true)");
}

/** The end of a period in its first partition; all partitions' ends are one command's. */
export async function loadEnding(sql: Sql, period: number): Promise<Ending> {
  const rows = await sql<Ending>(
    `select partition, position, epoch, event_id as id, correlation_id as "correlationId", actor, ended_at as "endedAt",
            traceparent
       from barrier where period = $1 order by partition limit 1`,
    [period],
  );
  return rows[0] as Ending;
}

/** How many popugs have accounts. */
export async function countAccounts(sql: Sql): Promise<number> {
  return (await sql<{ n: number }>("select count(*) as n from account where kind = 'popug'"))[0]?.n ?? 0;
}

/**
 * Statements: everybody with a movement in the period, and everybody who had a statement before. An account without any
 * posting yet has none, so that it does not matter when news of a new popug arrives. Payouts are numbered in each partition by
 * user id: the places of their postings.
 */
export async function issueStatements(sql: Sql, period: number, partitions: readonly number[]): Promise<void> {
  await sql(
    `insert into statement (period, account_id, user_id, opening_minor, credits_minor, debits_minor, payout_minor, closing_minor,
                            payout_position)
     select $1, a.id, a.user_id, m.opening, m.credits, m.debits,
            greatest(m.opening + m.credits - m.debits, 0), least(m.opening + m.credits - m.debits, 0),
            case when m.opening + m.credits > m.debits then
              row_number() over (partition by a.partition, m.opening + m.credits > m.debits order by a.user_id) end
       from (select account_id, coalesce(before.closing_minor, 0) as opening, coalesce(moved.credits_minor, 0) as credits,
                    coalesce(moved.debits_minor, 0) as debits
               from (select account_id, closing_minor from statement where period = $1 - 1) before
               full join (select account_id, credits_minor, debits_minor from balance where period = $1) moved
              using (account_id)) m
       join account a on a.id = m.account_id and a.kind = 'popug' and a.partition = any ($2)`,
    [period, partitions],
  );
}

/**
 * Postings of the payouts: the popug's account against the payout clearing of its partition. Written in the order of user
 * ids, which two of the indexes are made of.
 */
export async function postPayouts(sql: Sql, period: number, partitions: readonly number[]): Promise<void> {
  await sql(
    `insert into posting (period, source, epoch, partition, position, leg, debit_account, credit_account, amount_minor, kind,
                          user_id, occurred_at, event_id)
     select $1, 'accounting', 0, a.partition, s.payout_position, 0,
            s.account_id, $2 + a.partition, s.payout_minor, 'payout', s.user_id, b.ended_at, b.event_id
       from statement s
       join account a on a.id = s.account_id
       join barrier b on b.period = $1 and b.partition = a.partition
      where s.period = $1 and s.payout_minor > 0 and a.partition = any ($3)
      order by s.user_id`,
    [period, houseAccount("payout-clearing", 0), partitions],
  );
}

/** Every sum of the close, each read from where it was written. */
export async function loadFigures(sql: Sql, period: number): Promise<CloseFigures> {
  const rows = await sql<CloseFigures>(
    `with moved as (
       select coalesce(sum(debits_minor), 0)::bigint as debits, coalesce(sum(credits_minor), 0)::bigint as credits,
              coalesce(sum(credits_minor - debits_minor) filter (where account_id = any($2)), 0)::bigint as fees,
              coalesce(sum(debits_minor - credits_minor) filter (where account_id = any($3)), 0)::bigint as rewards,
              coalesce(sum(debits_minor - credits_minor) filter (where account_id = any($4)), 0)::bigint as returned,
              coalesce(sum(debits_minor - credits_minor) filter (where account_id = any($5)), 0)::bigint as "writtenOff",
              coalesce(sum(debits_minor - credits_minor) filter (where account_id = any($6)), 0)::bigint as opened
         from balance where period = $1
     ), told as (
       select count(*) as accounts, coalesce(sum(opening_minor), 0)::bigint as openings,
              coalesce(sum(credits_minor), 0)::bigint as credits, coalesce(sum(debits_minor), 0)::bigint as debits,
              coalesce(sum(payout_minor), 0)::bigint as payouts, coalesce(sum(closing_minor), 0)::bigint as closings,
              count(*) filter (where payout_minor > 0) as "payoutCount", count(*) filter (where closing_minor < 0) as negative,
              encode(sha256(convert_to(coalesce(string_agg(concat_ws('|', user_id, opening_minor, credits_minor, debits_minor,
                payout_minor, closing_minor), E'\\n' order by user_id), ''), 'UTF8')), 'hex') as hash
         from statement where period = $1
     ), paid as (
       select count(*) as count, coalesce(sum(amount_minor), 0)::bigint as sum from posting where period = $1 and kind = 'payout'
     )
     select moved.debits as "movedDebitsMinor", moved.credits as "movedCreditsMinor", moved.fees as "feesMinor",
            moved.rewards as "rewardsMinor",
            moved.returned as "returnedMinor", moved."writtenOff" as "writtenOffMinor", moved.opened as "openedMinor", told.accounts as "accountCount", told.openings as "openingsMinor",
            told.credits as "creditsMinor", told.debits as "debitsMinor", told.payouts as "payoutsMinor",
            told.closings as "closingsMinor", told."payoutCount", told.negative as "negativeCount",
            told.hash as "statementsHash", paid.count as "paidCount", paid.sum as "paidMinor",
            (select coalesce(sum(closing_minor), 0)::bigint from statement where period = $1 - 1) as "previousClosingsMinor",
            (select coalesce(sum(lines), 0)::bigint from block_head where period = $1) as "lineCount",
            (select count(*) from dead_letter
              where consumer = 'on-task' and status = 'discarded' and period = $1) as "discardedCount"
       from moved, told, paid`,
    [
      period,
      ...(["fee-income", "reward-expense", "payout-clearing", "write-off", "opening-balance"] as const).map(
        houseAccounts,
      ),
    ],
  );
  return rows[0] as CloseFigures;
}

/** Which events of a period people decided not to book, in the order in which they decided; no more than anybody reads. */
export async function findDiscarded(sql: Sql, period: number): Promise<Discarded[]> {
  return await sql(
    `select type, key, event_id as "eventId", discard_reason as reason, string_to_array(discard_by, ', ') as by
       from dead_letter
      where consumer = 'on-task' and status = 'discarded' and period = $1 order by ended_at, id limit 200`,
    [period],
  );
}

/** The block heads of a period by partition; the dirty ones have to be folded again from the postings. */
export async function loadHeads(sql: Sql, period: number): Promise<(BlockHead & { dirty: boolean })[]> {
  return await sql(
    `select source, partition, head, lines, dirty from block_head where period = $1 order by partition`,
    [period],
  );
}

/** A head that was computed anew in the order of positions. */
export async function mendHead(sql: Sql, period: number, partition: number, head: string): Promise<void> {
  await sql(
    `update block_head set head = $3, dirty = false where period = $1 and source = 'tasks' and partition = $2`,
    [period, partition, head],
  );
}

/** The head of a block that is made at the close: that of accounting's own postings. */
export async function saveOwnHead(sql: Sql, period: number, block: Required<BlockHead>): Promise<void> {
  await sql(
    `insert into block_head (period, source, partition, head, lines, last_epoch, last_position, dirty)
     values ($1, $2, $3, $4, $5, 0, 0, false)`,
    [period, block.source, block.partition, block.head, block.lines],
  );
}

/** The seal of a closed period; undefined when it is not closed. */
export async function findSeal(sql: Sql, period: number): Promise<string | undefined> {
  return (await sql<{ seal: string }>("select seal from closing where period = $1", [period]))[0]?.seal;
}

/** Writes the result of the close and shuts the period: from the commit on it takes no row. */
export async function saveClosing(
  sql: Sql,
  period: number,
  closedAt: Date,
  figures: CloseFigures,
  seal: string,
): Promise<void> {
  await sql(
    `insert into closing (period, closed_at, fees_minor, rewards_minor, earned_minor, paid_out_minor, payout_count,
                          carried_minor, negative_count, account_count, entry_count, discarded_count, returned_minor, written_off_minor,
                          opened_minor, statements_hash, seal)
     values ($1, $2, $3, $4, $3::bigint - $4::bigint, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    [
      period,
      closedAt,
      figures.feesMinor,
      figures.rewardsMinor,
      figures.payoutsMinor,
      figures.payoutCount,
      figures.closingsMinor,
      figures.negativeCount,
      figures.accountCount,
      figures.lineCount + figures.paidCount,
      figures.discardedCount,
      figures.returnedMinor,
      figures.writtenOffMinor,
      figures.openedMinor,
      figures.statementsHash,
      seal,
    ],
  );
  await sql("update period set closed_at = $2 where number = $1", [period, closedAt]);
}
