/** SQL that mails are written from: statements and audit lines of periods that are complete. */
import type { entryPostedV3 } from "../../contracts/accounting/entry.posted.v3.ts";
import type { DataOf } from "../../platform/contract.ts";
import type { Sql } from "../../platform/service.ts";

type EntryKind = DataOf<typeof entryPostedV3>["entries"][number]["kind"];

export type Statement = {
  label: string;
  openingMinor: number;
  creditsMinor: number;
  debitsMinor: number;
  payoutMinor: number;
  closingMinor: number;
  currency: string;
};

export type AuditLine = {
  entryId: string;
  userId: string;
  kind: EntryKind;
  amountMinor: number;
  taskId: string | null;
  title: string | null;
  jiraId: string | null;
  occurredAt: Date;
};

const lineColumns = `entry_id as "entryId", l.user_id as "userId", kind, amount_minor as "amountMinor", task_id as "taskId",
                     title, jira_id as "jiraId", occurred_at as "occurredAt"`;

/** What a popug's account came to in a period; undefined when no statement has arrived. */
export async function findStatement(sql: Sql, period: number, userId: string): Promise<Statement | undefined> {
  const rows = await sql<Statement>(
    `select label, opening_minor as "openingMinor", credits_minor as "creditsMinor", debits_minor as "debitsMinor",
            payout_minor as "payoutMinor", closing_minor as "closingMinor", currency
       from statement where period = $1 and user_id = $2`,
    [period, userId],
  );
  return rows[0];
}

/** A popug's lines of a period in order of time, without the payout (which is what a payslip is about); and how many. */
export async function listAuditLines(
  sql: Sql,
  period: number,
  userId: string,
  limit: number,
): Promise<{ lines: AuditLine[]; total: number }> {
  const rows = await sql<AuditLine & { total: number }>(
    `select ${lineColumns}, count(*) over () as total
       from audit_line l where period = $1 and l.user_id = $2 and kind <> 'payout'
      order by occurred_at, entry_id limit $3`,
    [period, userId, limit],
  );
  return { lines: rows, total: rows[0]?.total ?? 0 };
}

/** The whole audit log of a period in order of time, with the names of popugs. */
export async function listAuditLog(
  sql: Sql,
  period: number,
  limit: number,
): Promise<{ lines: (AuditLine & { name: string | null })[]; total: number }> {
  const rows = await sql<AuditLine & { name: string | null; total: number }>(
    `select ${lineColumns}, p.name, count(*) over () as total
       from audit_line l left join person p using (user_id) where period = $1
      order by occurred_at, entry_id limit $2`,
    [period, limit],
  );
  return { lines: rows, total: rows[0]?.total ?? 0 };
}

/** Popugs who go out of a period below zero, the deepest first. */
export async function listBelowZero(
  sql: Sql,
  period: number,
  limit: number,
): Promise<{ userId: string; name: string | null; closingMinor: number }[]> {
  return await sql<{ userId: string; name: string | null; closingMinor: number }>(
    `select s.user_id as "userId", p.name, closing_minor as "closingMinor"
       from statement s left join person p using (user_id)
      where period = $1 and closing_minor < 0 order by closing_minor, s.user_id limit $2`,
    [period, limit],
  );
}
