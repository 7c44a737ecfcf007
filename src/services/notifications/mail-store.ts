/** SQL of the mail outbox: queueing, claiming, outcomes. Retries and claims go by real time, never by the demo clock. */
import type { Role } from "../../people/policy.ts";
import type { Sql } from "../../platform/service.ts";
import { type MailKind, MAX_ATTEMPTS } from "./mail.ts";
import type { Language } from "./rendering/format.ts";
import { chainSentMail } from "./sent-mail-store.ts";

/**
 * Queues a payslip for each popug who is paid, and for each at or below zero who had something to do with the period.
 * No mail: who had neither balance nor movement, and who left the company, had no movement and only carries a debt on.
 * One statement for any number of popugs; a payslip that is there already stays as it is.
 */
export async function queuePayslips(sql: Sql, period: number, now: Date): Promise<void> {
  await sql(
    `insert into mail (key, kind, period, to_user, created_at)
     select 'payslip:' || s.period || ':' || s.user_id, 'payslip', s.period, s.user_id, $2
       from statement s left join person p using (user_id)
      where s.period = $1
        and (s.payout_minor > 0 or s.credits_minor <> 0 or s.debits_minor <> 0
             or (s.closing_minor <> 0 and coalesce(p.active, true)))
     on conflict (key) do nothing`,
    [period, now],
  );
}

/** Queues the same mail for several people, one each. */
export async function queueForEach(
  sql: Sql,
  mail: { kind: MailKind; period: number; data: unknown; to: readonly string[]; now: Date },
): Promise<void> {
  await sql(
    `insert into mail (key, kind, period, to_user, data, created_at)
     select $1 || ':' || $2 || ':' || user_id, $1, $2::int, user_id, $3::jsonb, $5 from unnest($4::uuid[]) as t (user_id)
     on conflict (key) do nothing`,
    [mail.kind, mail.period, JSON.stringify(mail.data), mail.to, mail.now],
  );
}

/** Active people who hold one of the roles. */
export async function listActive(sql: Sql, roles: readonly Role[]): Promise<{ userId: string; roles: Role[] }[]> {
  return await sql<{ userId: string; roles: Role[] }>(
    `select user_id as "userId", roles from person where active and roles && $1::text[] order by user_id`,
    [roles],
  );
}

export type ClaimedMail = {
  mailId: string;
  key: string;
  kind: MailKind;
  period: number;
  userId: string;
  data: unknown;
  /** Which attempt this is, from 1; also the fence of the claim. */
  attempt: number;
  createdAt: Date;
  name: string;
  address: string;
  language: Language;
};

/**
 * Takes mails that are due, for this process alone: marks them as being sent and counts the attempt, before anything is
 * sent, so that a mail which ends the process is not tried for ever. A mail whose reader is not known yet waits.
 */
export async function claimMails(sql: Sql, limit: number): Promise<ClaimedMail[]> {
  return await sql<ClaimedMail>(
    `update mail m set status = 'sending', attempts = m.attempts + 1, claimed_at = clock_timestamp()
       from (select mail.id, p.name, p.email, p.language from mail join person p on p.user_id = mail.to_user
              where status = 'queued' and next_attempt_at <= clock_timestamp()
              order by next_attempt_at, mail.id limit $1 for update of mail skip locked) as due
      where m.id = due.id
     returning m.id as "mailId", key, kind, period, to_user as "userId", data, attempts as attempt,
               created_at as "createdAt", due.name, due.email as address, due.language`,
    [limit],
  );
}

/** Gives back what a process claimed and did not finish: it is tried again, or failed when it was tried too often. */
export async function releaseAbandoned(sql: Sql, afterMs: number): Promise<void> {
  await sql(
    `update mail set status = case when attempts < $2 then 'queued' else 'failed' end,
                     next_attempt_at = clock_timestamp(), last_error = 'the process ended while it was being sent'
      where status = 'sending' and claimed_at < clock_timestamp() - $1 * interval '1 ms'`,
    [afterMs, MAX_ATTEMPTS],
  );
}

/** The mail is out, and a line of the chain says so for ever. */
export async function markSent(
  sql: Sql,
  claimed: ClaimedMail,
  sent: { subject: string; address: string; now: Date; contentSha256: string },
): Promise<void> {
  const marked = await sql(
    `update mail set status = 'sent', sent_at = $3, subject = $4, to_address = $5, last_error = null
      where id = $1 and attempts = $2 and status = 'sending' returning id`,
    [claimed.mailId, claimed.attempt, sent.now, sent.subject, sent.address],
  );
  if (marked.length > 0) await chainSentMail(sql, claimed.mailId, sent.contentSha256);
}

/** The attempt failed; `retryInMs` null: left to people. */
export async function markAttemptFailed(
  sql: Sql,
  claimed: ClaimedMail,
  error: string,
  retryInMs: number | null,
): Promise<void> {
  await sql(
    `update mail set status = case when $4::bigint is null then 'failed' else 'queued' end, last_error = $3,
                     next_attempt_at = clock_timestamp() + coalesce($4::bigint, 0) * interval '1 ms'
      where id = $1 and attempts = $2 and status = 'sending'`,
    [claimed.mailId, claimed.attempt, error, retryInMs],
  );
}

/** Gives a claimed mail back untried. */
export async function giveBack(sql: Sql, claimed: readonly ClaimedMail[]): Promise<void> {
  if (claimed.length === 0) return;
  await sql(
    `update mail m set status = 'queued', attempts = m.attempts - 1
       from unnest($1::uuid[], $2::int[]) as c (id, attempt)
      where m.id = c.id and m.attempts = c.attempt and status = 'sending'`,
    [claimed.map((mail) => mail.mailId), claimed.map((mail) => mail.attempt)],
  );
}

/** Makes a mail that waits or has failed due now, with all its attempts before it. Returns false when it is neither. */
export async function makeDue(sql: Sql, mailId: string): Promise<boolean> {
  const rows = await sql(
    `update mail set status = 'queued', attempts = 0, next_attempt_at = clock_timestamp()
      where id = $1 and status in ('queued', 'failed') returning id`,
    [mailId],
  );
  return rows.length > 0;
}

/** Makes all failed mails due again; returns how many. */
export async function makeFailedDue(sql: Sql): Promise<number> {
  const rows = await sql<{ count: number }>(
    `with due as (update mail set status = 'queued', attempts = 0, next_attempt_at = clock_timestamp()
                   where status = 'failed' returning 1)
     select count(*) as count from due`,
  );
  return rows[0]?.count ?? 0;
}

/** Forgets to which address somebody's mails went, and what mail servers said about it. */
export async function forgetAddresses(sql: Sql, userIds: readonly string[]): Promise<void> {
  await sql("update mail set to_address = null, last_error = null where to_user = any ($1::uuid[])", [userIds]);
}
