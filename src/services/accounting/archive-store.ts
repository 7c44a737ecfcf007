/** SQL of archived periods, with the owner's rights but for what is asked about them. */
import type { Sql } from "../../platform/service.ts";
import type { ArchivedPosting } from "./archive-file.ts";
import { lockOwnPostings } from "./own-posting-store.ts";

export type ArchiveRow = { period: number; sha256: string; file: string; postings: number; archivedAt: Date };

/** A period whose postings are in a file now: its partition is not there. `p` is a row of period. */
export const IS_ARCHIVED = `to_regclass(format('%I.posting_%s', current_schema(), p.number)) is null`;

/** What was archived of a period and is not back; undefined when its postings are here. */
export async function findArchived(sql: Sql, period: number): Promise<ArchiveRow | undefined> {
  return (await listArchives(sql, "p.number = $1", [period]))[0];
}

/** What was archived of the periods of a business day. */
export async function findArchivedOfDay(sql: Sql, day: string): Promise<ArchiveRow | undefined> {
  return (await listArchives(sql, "p.business_date = $1", [day]))[0];
}

/** All periods whose postings are in files now, in order, each with its archives: the newest first. */
export async function listArchives(sql: Sql, which = "true", params: unknown[] = []): Promise<ArchiveRow[]> {
  return await sql<ArchiveRow>(
    `select a.period, a.sha256, a.file, a.postings, a.archived_at as "archivedAt"
       from period p join archive a on a.period = p.number where ${IS_ARCHIVED} and ${which}
      order by a.period, a.archived_at desc`,
    params,
  );
}

/**
 * Closed periods of business days before a day whose check found them in order and whose postings are here. Their payouts may
 * still wait: they are told and moved from the statements, which stay.
 */
export async function listArchivable(sql: Sql, before: string): Promise<number[]> {
  const rows = await sql<{ number: number }>(
    `select p.number from period p join close_check c on c.period = p.number and c.ok
      where p.business_date < $1 and not ${IS_ARCHIVED}
      order by p.number`,
    [before],
  );
  return rows.map(({ number }) => number);
}

/** Writes down what the file of a period is, and drops its postings. */
export async function dropArchived(sql: Sql, row: ArchiveRow): Promise<void> {
  await sql(
    `insert into archive (period, sha256, file, postings, archived_at) values ($1, $2, $3, $4, $5)
     on conflict (period, sha256) do nothing`,
    [row.period, row.sha256, row.file, row.postings, row.archivedAt],
  );
  // Whoever gives a fee back has seen that its period is here.
  await lockOwnPostings(sql);
  await sql(`drop table posting_${row.period}`);
}

/** How many postings a period has. */
export async function countPostings(sql: Sql, period: number): Promise<number> {
  return (
    (await sql<{ count: number }>("select count(*) as count from posting where period = $1", [period]))[0]?.count ?? 0
  );
}

/** A table for the postings of an archived period, in no way part of the ledger yet. */
export async function makeRoom(sql: Sql, period: number): Promise<string> {
  await sql(`create table posting_${period} (like posting including defaults including constraints)`);
  await sql(`comment on table posting_${period} is 'append-only'`);
  return `posting_${period}`;
}

/** Writes archived postings as they were. */
export async function insertArchived(
  sql: Sql,
  table: string,
  period: number,
  rows: readonly ArchivedPosting[],
): Promise<void> {
  await sql(
    `insert into ${table} (period, source, epoch, partition, position, leg, kind, amount_minor, debit_account, credit_account,
                           user_id, task_id, event_id, occurred_at)
     select $1, r.source::posting_source, r.epoch, r.partition, r.position, r.leg, r.type, r."amountMinor", r."debitAccount", r."creditAccount",
            r."userId", r."taskId", r."eventId", to_timestamp(r."occurredAtMs" / 1000.0)
       from jsonb_to_recordset($2::jsonb)
         as r (source text, epoch int, partition smallint, position bigint, leg smallint, type text, "amountMinor" bigint,
               "debitAccount" int, "creditAccount" int, "userId" uuid, "taskId" uuid, "eventId" uuid, "occurredAtMs" numeric)`,
    [period, JSON.stringify(rows)],
  );
}

/** Makes a filled table part of the ledger again, under the rules of a closed period. */
export async function attach(sql: Sql, period: number): Promise<void> {
  await sql(`alter table posting attach partition posting_${period} for values from (${period}) to (${period + 1})`);
  await sql("select protect_books($1::regclass)", [`posting_${period}`]);
}
