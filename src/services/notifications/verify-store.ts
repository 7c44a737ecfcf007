/** What the verification of mails reads: all of periods whose mails are queued, for others may still be on their way. */
import type { Sql } from "../../platform/service.ts";

const PAGE = 1_000;
const QUEUED = "select period from notifications.closed_period where mails_queued_at is not null";

export type SaidEvent = { position: number; type: string; version: number; data: unknown };

/**
 * What accounting said about such periods in one partition, in order; what people discarded is left out, what they mended is
 * mended.
 * @param said reads the log of accounting
 */
export async function* saidEvents(sql: Sql, said: Sql, partition: number): AsyncGenerator<SaidEvent[]> {
  const periods = (await sql<{ period: number }>(QUEUED)).map(({ period }) => period);
  const letters = await sql<{ position: number; type: string; discarded: boolean; edited: unknown }>(
    `select position, type, status = 'discarded' as discarded, edited from notifications.dead_letter
      where source = 'accounting' and partition = $1 and (status = 'discarded' or edited is not null)`,
    [partition],
  );
  const touched = new Map(letters.map((letter) => [`${letter.type} ${letter.position}`, letter]));
  for (let after = 0; ; ) {
    const rows = await said<SaidEvent>(
      `select position, type, version, data from accounting.published
        where partition = $1 and position > $2 and type in ('entry.posted', 'statement.issued', 'billing.closed')
          and period = any($3) order by position limit ${PAGE}`,
      [partition, after, periods],
    );
    if (rows.length > 0) {
      yield rows.flatMap((row) => {
        const letter = touched.get(`${row.type} ${row.position}`);
        return letter?.discarded === true ? [] : [{ ...row, data: letter?.edited ?? row.data }];
      });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.position;
  }
}

/** Lines of the audit log that are not kept as they were said. */
export async function differentLines(sql: Sql, lines: object[]): Promise<{ period: number; entryId: string }[]> {
  return await sql(
    `select e.period, e."entryId"
       from jsonb_to_recordset($1::jsonb) as e (period int, "userId" uuid, "entryId" text, kind text, "amountMinor" bigint,
              "taskId" uuid, title text, "jiraId" text, "occurredAt" timestamptz)
       left join notifications.audit_line l on (l.period, l.user_id, l.entry_id) = (e.period, e."userId", e."entryId")
      where (l.kind, l.amount_minor, l.task_id, l.title, l.jira_id, l.occurred_at)
            is distinct from (e.kind, e."amountMinor", e."taskId", e.title, e."jiraId", e."occurredAt")`,
    [JSON.stringify(lines)],
  );
}

/** Statements that are not kept as they were said. */
export async function differentStatements(
  sql: Sql,
  statements: object[],
): Promise<{ period: number; userId: string }[]> {
  return await sql(
    `select e.period, e."userId"
       from jsonb_to_recordset($1::jsonb) as e (period int, "userId" uuid, label text, "businessDate" date, "openingMinor" bigint,
              "creditsMinor" bigint, "debitsMinor" bigint, "payoutMinor" bigint, "closingMinor" bigint, currency text)
       left join notifications.statement s on (s.period, s.user_id) = (e.period, e."userId")
      where (s.label, s.business_date, s.opening_minor, s.credits_minor, s.debits_minor, s.payout_minor, s.closing_minor, s.currency)
            is distinct from (e.label, e."businessDate", e."openingMinor", e."creditsMinor", e."debitsMinor", e."payoutMinor",
                              e."closingMinor", e.currency)`,
    [JSON.stringify(statements)],
  );
}

/** Whether the totals of a period are kept otherwise than they were said. */
export async function differentAnnouncement(sql: Sql, data: Record<string, unknown>): Promise<boolean> {
  const rows = await sql(
    "select from notifications.closed_period where period = $1 and announced is distinct from $2::jsonb",
    [data["period"], JSON.stringify(data)],
  );
  return rows.length > 0;
}

/** How much is kept of each period behind `from`. */
export async function countKept(
  sql: Sql,
  from: number,
): Promise<{ period: number; lines: number; statements: number }[]> {
  return await sql(
    `select period, (select count(*) from notifications.audit_line l where l.period = c.period) as lines,
            (select count(*) from notifications.statement s where s.period = c.period) as statements
       from notifications.closed_period c
      where mails_queued_at is not null and period > $1 order by period`,
    [from],
  );
}

/** The newest period of whose lines and statements the log of accounting does not keep all; 0 when there is none. */
export async function shortenedUpTo(said: Sql): Promise<number> {
  const [row] = await said<{ period: number }>(
    `select coalesce(max(period), 0) as period from accounting.log_dropped
      where type in ('entry.posted', 'statement.issued')`,
  );
  return row?.period ?? 0;
}

/** Mails of a day that are not what their key says, tell other totals, are missing, or went out without a line of the chain. */
export async function oddMails(sql: Sql): Promise<string[]> {
  const rows = await sql<{ text: string }>(
    `select 'mail ' || key || ': kind, period or reader are not those of its key' as text from notifications.mail
      where kind in ('payslip', 'report', 'audit') and key <> concat_ws(':', kind, period, to_user)
     union all
     select 'mail ' || m.key || ': its totals are not those of the period' from notifications.mail m
       join notifications.closed_period c on c.period = m.period
      where m.kind in ('report', 'audit') and m.data->'announced' is distinct from c.announced
     union all
     select 'mail payslip:' || s.period || ':' || s.user_id || ': is missing' from notifications.statement s
      where s.payout_minor > 0 and s.period in (${QUEUED})
        and not exists (select from notifications.mail m where m.key = 'payslip:' || s.period || ':' || s.user_id)
     union all
     select 'mail ' || key || ': it is said to be sent, but never went out' from notifications.mail m
      where status = 'sent' and not exists (select from notifications.sent_mail s where s.key = m.key)
      order by 1`,
  );
  return rows.map(({ text }) => text);
}
