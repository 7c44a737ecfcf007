/** SQL that shows mails. */
import type { Sql } from "../../platform/service.ts";
import type { MailKind, MailStatus } from "./mail.ts";
import type { Language } from "./rendering/format.ts";

export type MailRow = {
  mailId: string;
  key: string;
  kind: MailKind;
  period: number;
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

/** Mails, the newest first; one more than `limit`. */
export async function listMails(sql: Sql, filter: MailFilter): Promise<MailRow[]> {
  return await sql<MailRow>(
    `select ${columns}
       from mail m left join person p on p.user_id = m.to_user
      where ($1::text is null or kind = $1) and ($2::text is null or status = $2) and ($3::uuid is null or to_user = $3)
        and ($4::text is null or (created_at, m.id) < ($4::timestamptz, $5::uuid))
      order by created_at desc, m.id desc limit $6`,
    [
      filter.kind ?? null,
      filter.status ?? null,
      filter.userId ?? null,
      filter.after?.[0] ?? null,
      filter.after?.[1] ?? null,
      filter.limit + 1,
    ],
  );
}

export async function findMail(sql: Sql, mailId: string): Promise<MailRow | undefined> {
  const rows = await sql<MailRow>(
    `select ${columns}, data from mail m left join person p on p.user_id = m.to_user where m.id = $1`,
    [mailId],
  );
  return rows[0];
}
