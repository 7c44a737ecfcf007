/** SQL of the mail outbox: queueing, claiming, outcomes. Retries and claims go by real time, never by the demo clock. */
import type { Role } from "../../people/policy.ts";
import type { Sql } from "../../platform/service.ts";
import { forgetTold } from "./assigned-task-store.ts";
import { type MailKind, MAX_ATTEMPTS } from "./mail.ts";
import type { Language } from "./rendering/format.ts";
import { chainSentMail } from "./sent-mail-store.ts";

/**
 * Queues a payslip for each popug who is paid, and for each at or below zero who had something to do with the period.
 * No mail: who had neither balance nor movement, and who left the company, had no movement and only carries a debt on.
 * One statement for any number of popugs; a payslip that is there already stays as it is.
 */
export async function queuePayslips(
  sql: Sql,
  { period, now, traceparent }: { period: number; now: Date; traceparent: string | null },
): Promise<void> {
  await sql(
    `insert into mail (key, kind, period, to_user, created_at, traceparent)
     select 'payslip:' || s.period || ':' || s.user_id, 'payslip', s.period, s.user_id, $2, $3
       from statement s left join person p using (user_id)
      where s.period = $1
        and (s.payout_minor > 0 or s.credits_minor <> 0 or s.debits_minor <> 0
             or (s.closing_minor <> 0 and coalesce(p.active, true)))
     on conflict (key) do nothing`,
    [period, now, traceparent],
  );
}

/** A mail that is to be queued. */
export type NewMail = {
  /** Names the mail for ever: one that is known already stays what it is. */
  key: string;
  kind: MailKind;
  userId: string;
  data: unknown;
  /** The period that it is about, where it is about one. */
  period?: number;
  /** The trace that it belongs to, where there is one. */
  traceparent?: string | null;
};

/** Queues mails; a key that is known already stays what it is. */
export async function queueMails(sql: Sql, mails: readonly NewMail[], now: Date): Promise<void> {
  if (mails.length === 0) return;
  await sql(
    `insert into mail (key, kind, period, to_user, data, created_at, traceparent)
     select key, kind, period, "userId", data, $2, traceparent
       from jsonb_to_recordset($1::jsonb)
         as m (key text, kind text, period int, "userId" uuid, data jsonb, traceparent text)
     on conflict (key) do nothing`,
    [JSON.stringify(mails), now],
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
  period: number | null;
  userId: string;
  data: unknown;
  /** Which attempt this is, from 1; also the fence of the claim. */
  attempt: number;
  createdAt: Date;
  name: string;
  address: string;
  language: Language;
  /** Who the reader is at this moment, and what they chose about mails of this kind; null: nothing. */
  active: boolean;
  roles: Role[];
  chosen: boolean | null;
  /** The trace that it belongs to, where there is one. */
  traceparent: string | null;
};

/**
 * Takes mails that are due, for this process alone: marks them as being sent and counts the attempt, before anything is
 * sent, so that a mail which ends the process is not tried for ever. A mail whose reader is not known yet waits.
 */
export async function claimMails(sql: Sql, limit: number): Promise<ClaimedMail[]> {
  return await sql<ClaimedMail>(
    `update mail m set status = 'sending', attempts = m.attempts + 1, claimed_at = clock_timestamp()
       from (select mail.id, p.name, p.email, p.language, p.active, p.roles, c.wanted
               from mail join person p on p.user_id = mail.to_user
               left join mail_choice c on (c.user_id, c.kind) = (mail.to_user, mail.kind)
              where status = 'queued' and next_attempt_at <= clock_timestamp()
              order by next_attempt_at, mail.id limit $1 for update of mail skip locked) as due
      where m.id = due.id
     returning m.id as "mailId", key, kind, period, to_user as "userId", data, attempts as attempt,
               created_at as "createdAt", due.name, due.email as address, due.language, due.active, due.roles,
               due.wanted as chosen, traceparent`,
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
  if (marked.length === 0) return;
  await chainSentMail(sql, claimed.mailId, sent.contentSha256);
  if (claimed.kind === "assignments") await forgetTold(sql, claimed.mailId);
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

/** A claimed mail that is not wanted does not go out, now or later. */
export async function withhold(sql: Sql, claimed: readonly ClaimedMail[]): Promise<void> {
  if (claimed.length === 0) return;
  await sql("update mail set status = 'withheld', attempts = attempts - 1 where id = any ($1::uuid[])", [
    claimed.map((mail) => mail.mailId),
  ]);
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
