/** SQL that mails are written from: statements and audit lines of periods that are complete. */
import type { entryPostedV4 } from "../../contracts/accounting/entry.posted.v4.ts";
import type { DataOf } from "../../platform/contract.ts";
import type { Sql } from "../../platform/service.ts";

type EntryKind = DataOf<typeof entryPostedV4>["entries"][number]["kind"];

export type Statement = {
  label: string;
  openingMinor: number;
  creditsMinor: number;
  debitsMinor: number;
  payoutMinor: number;
  closingMinor: number;
  currency: string;
  /** In which the company read the clock then; null where nobody said so. */
  timeZone: string | null;
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
            payout_minor as "payoutMinor", closing_minor as "closingMinor", currency,
            (select announced ->> 'timeZone' from closed_period c where c.period = $1) as "timeZone"
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

/** The names of these people, by user id; who is not known here has none. */
export async function findNames(sql: Sql, userIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await sql<{ userId: string; name: string }>(
    `select user_id as "userId", name from person where user_id::text = any($1)`,
    [userIds],
  );
  return new Map(rows.map(({ userId, name }) => [userId, name]));
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

export type StatementOfPeriod = Omit<Statement, "timeZone">;

/** What an account came to in each period of a range of business days, the oldest first. */
export async function listStatements(sql: Sql, userId: string, from: string, to: string): Promise<StatementOfPeriod[]> {
  return await sql<StatementOfPeriod>(
    `select label, opening_minor as "openingMinor", credits_minor as "creditsMinor", debits_minor as "debitsMinor",
            payout_minor as "payoutMinor", closing_minor as "closingMinor", currency
       from statement where user_id = $1 and business_date between $2 and $3 order by period`,
    [userId, from, to],
  );
}

/** What the lines of a period gave to popugs and took from them, by kind. */
export async function sumLines(
  sql: Sql,
  period: number,
): Promise<{ kind: EntryKind; givenMinor: number; takenMinor: number }[]> {
  return await sql(
    `select kind, coalesce(sum(amount_minor) filter (where amount_minor > 0), 0)::bigint as "givenMinor",
            coalesce(-sum(amount_minor) filter (where amount_minor < 0), 0)::bigint as "takenMinor"
       from audit_line where period = $1 group by kind`,
    [period],
  );
}
