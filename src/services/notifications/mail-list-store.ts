/** SQL that shows mails. */
import type { Sql } from "../../platform/service.ts";
import { type MailKind, type MailStatus, mailStatuses } from "./mail.ts";
import type { Language } from "./rendering/format.ts";

export type MailRow = {
  mailId: string;
  key: string;
  kind: MailKind;
  period: number | null;
  userId: string;
  /** Null while no event about the reader has arrived; the mail waits for it. */
  name: string | null;
  language: Language | null;
  address: string | null;
  subject: string | null;
  data: unknown;
  status: MailStatus;
  attempts: number;
  nextAttemptAt: Date;
  lastError: string | null;
  createdAt: Date;
  sentAt: Date | null;
  /** `createdAt` to the microsecond, for cursors. */
  createdAtText: string;
};

const columns = `m.id as "mailId", key, kind, period, to_user as "userId", p.name, p.language,
                 coalesce(to_address, p.email) as address, subject, status, attempts, next_attempt_at as "nextAttemptAt",
                 last_error as "lastError", created_at as "createdAt", sent_at as "sentAt",
                 created_at::text as "createdAtText"`;

export type MailFilter = {
  kind?: MailKind | undefined;
  status?: MailStatus | undefined;
  userId?: string | undefined;
  limit: number;
  /** `[createdAtText, mailId]` of the last row of the page before. */
  after: (string | number | null)[] | undefined;
};

/**
 * Mails, the newest first; one more than `limit`. Only the conditions that are asked for stand in the statement, so that each
 * combination is planned with the index that fits it; their number is small.
 */
export async function listMails(sql: Sql, filter: MailFilter): Promise<MailRow[]> {
  const params: unknown[] = [filter.limit + 1];
  const conditions: string[] = [];
  const add = (condition: (placeholder: string) => string, value: unknown) => {
    if (value === undefined) return;
    params.push(value);
    conditions.push(condition(`$${params.length}`));
  };
  add((kind) => `kind = ${kind}`, filter.kind);
  // One of four words, written out because a partial index serves one of them; never the request's own text.
  const status = mailStatuses.find((known) => known === filter.status);
  if (status !== undefined) conditions.push(`status = '${status}'`);
  add((user) => `to_user = ${user}::uuid`, filter.userId);
  if (filter.after !== undefined) {
    params.push(filter.after[0], filter.after[1]);
    conditions.push(`(created_at, m.id) < ($${params.length - 1}::timestamptz, $${params.length}::uuid)`);
  }
  return await sql<MailRow>(
    `select ${columns} from mail m left join person p on p.user_id = m.to_user
      ${conditions.length === 0 ? "" : `where ${conditions.join(" and ")}`}
      order by created_at desc, m.id desc limit $1`,
    params,
  );
}

/** One mail with the data it is rendered from; undefined when there is none of this id. */
export async function findMail(sql: Sql, mailId: string): Promise<MailRow | undefined> {
  const rows = await sql<MailRow>(
    `select ${columns}, data from mail m left join person p on p.user_id = m.to_user where m.id = $1`,
    [mailId],
  );
  return rows[0];
}
