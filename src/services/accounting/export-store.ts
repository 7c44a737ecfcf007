/** SQL of the export of a closed period, a page at a time. */
import type { Sql } from "../../platform/service.ts";
import type { EntryKind } from "./ledger.ts";
import type { HashedStatement } from "./seal.ts";

const PAGE = 5_000;

export type ClosedPeriodRow = {
  number: number;
  label: string;
  businessDate: string;
  currency: string;
  closedAt: Date;
  entryCount: number;
  earnedMinor: number;
  paidOutMinor: number;
  carriedMinor: number;
  statementsHash: string;
  previousSeal: string;
  seal: string;
};

/** What a close came to; undefined when the period is not closed. */
export async function findClosing(sql: Sql, number: number): Promise<ClosedPeriodRow | undefined> {
  const rows = await sql<ClosedPeriodRow>(
    `select p.number, p.label, p.business_date as "businessDate", p.currency, c.closed_at as "closedAt",
            c.entry_count as "entryCount", c.earned_minor as "earnedMinor", c.paid_out_minor as "paidOutMinor",
            c.carried_minor as "carriedMinor", c.statements_hash as "statementsHash",
            coalesce((select seal from closing where period = $1 - 1), repeat('0', 64)) as "previousSeal", c.seal
       from closing c join period p on p.number = c.period where c.period = $1`,
    [number],
  );
  return rows[0];
}

export type ExportedPosting = {
  source: string;
  epoch: number;
  partition: number;
  position: number;
  leg: number;
  kind: EntryKind;
  amountMinor: number;
  debitAccount: number;
  creditAccount: number;
  userId: string;
  taskId: string | null;
  occurredAt: Date;
  eventId: string;
};

/** All postings of a period, source by source (that of tasks first) and partition by partition, in order of position. */
export async function* postingsInOrder(sql: Sql, period: number): AsyncGenerator<ExportedPosting[]> {
  let after: unknown[] = ["~", -1, 0, 0, 0];
  for (;;) {
    const rows = await sql<ExportedPosting>(
      `select source, epoch, partition, position, leg, kind, amount_minor as "amountMinor",
              debit_account as "debitAccount", credit_account as "creditAccount", user_id as "userId", task_id as "taskId",
              occurred_at as "occurredAt", event_id as "eventId"
         from posting
        where period = $1
          and (source::text < $2 collate "C" or (source::text = $2 and (partition, epoch, position, leg) > ($3::int, $4::int, $5::bigint, $6::int)))
        order by source::text collate "C" desc, partition, epoch, position, leg limit ${PAGE}`,
      [period, ...after],
    );
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = [last.source, last.partition, last.epoch, last.position, last.leg];
  }
}

/** The block heads of a period in the order in which they are sealed. */
export async function listBlocks(
  sql: Sql,
  period: number,
): Promise<{ source: string; partition: number; lines: number; head: string }[]> {
  return await sql(
    `select source, partition, lines, head from block_head where period = $1 order by source::text collate "C" desc, partition`,
    [period],
  );
}

/** The statements of a period in order of user id, as they are hashed. */
export async function* listStatements(sql: Sql, period: number): AsyncGenerator<HashedStatement[]> {
  for (let after = "00000000-0000-0000-0000-000000000000"; ; ) {
    const rows = await sql<HashedStatement>(
      `select user_id as "userId", opening_minor as "openingMinor", credits_minor as "creditsMinor",
              debits_minor as "debitsMinor", payout_minor as "payoutMinor", closing_minor as "closingMinor"
         from statement where period = $1 and user_id > $2 order by user_id limit ${PAGE}`,
      [period, after],
    );
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.userId;
  }
}
