/** SQL about links that set a new password, and the mails that carry links. Times are real, never the demo's. */
import { v7 as uuidv7 } from "uuid";
import type { Sql } from "../../platform/service.ts";
import type { Language } from "./users.ts";

const LIFETIME_MINUTES = 60;
/** From the moment at which its mail goes out; whoever is too late asks for a new one by a click. */
const MAILED_MINUTES = 10;

/** Somebody who may set a new password. */
export type Candidate = { userId: string; login: string; name: string; email: string; language: Language };

const VALID = "l.used_at is null and l.expires_at > clock_timestamp() and u.status = 'active'";

/** Makes a link for somebody active; earlier ones end. Undefined when they are not active. */
export async function insertLink(
  sql: Sql,
  userId: string,
  tokenHash: Buffer | null,
): Promise<{ linkId: string; expiresAt: Date } | undefined> {
  await sql("update password_link set used_at = clock_timestamp() where user_id = $1 and used_at is null", [userId]);
  const rows = await sql<{ linkId: string; expiresAt: Date }>(
    `insert into password_link (link_id, user_id, token_hash, expires_at)
     select $1, user_id, $3, clock_timestamp() + $4 * interval '1 minute' from users
      where user_id = $2 and status = 'active'
     returning link_id as "linkId", expires_at as "expiresAt"`,
    [uuidv7(), userId, tokenHash, LIFETIME_MINUTES],
  );
  return rows[0];
}

/** Whose password a link may set; undefined when it is used, expired or none of ours. */
export async function findCandidate(sql: Sql, tokenHash: Buffer): Promise<Candidate | undefined> {
  const rows = await sql<Candidate>(
    `select user_id as "userId", u.login, u.name, u.email, u.language
       from password_link l join users u using (user_id) where l.token_hash = $1 and ${VALID}`,
    [tokenHash],
  );
  return rows[0];
}

/** The login of somebody whose link ran out unused within the last day. */
export async function findLate(sql: Sql, tokenHash: Buffer): Promise<string | undefined> {
  const rows = await sql<{ login: string }>(
    `select u.login from password_link l join users u using (user_id)
      where l.token_hash = $1 and l.used_at is null and u.status = 'active'
        and l.expires_at between clock_timestamp() - interval '1 day' and clock_timestamp()`,
    [tokenHash],
  );
  return rows[0]?.login;
}

/** Uses a link up, for one of all who try; the person's other links end with it. */
export async function useLink(sql: Sql, tokenHash: Buffer): Promise<string | undefined> {
  const rows = await sql<{ userId: string }>(
    `update password_link l set used_at = clock_timestamp() from users u
      where u.user_id = l.user_id and l.token_hash = $1 and ${VALID} returning l.user_id as "userId"`,
    [tokenHash],
  );
  const userId = rows[0]?.userId;
  if (userId !== undefined) await endLinks(sql, userId);
  return userId;
}

/** Ends all links of somebody. */
export async function endLinks(sql: Sql, userId: string): Promise<void> {
  await sql("update password_link set used_at = clock_timestamp() where user_id = $1 and used_at is null", [userId]);
}

/** Gives a link the token of the mail that is about to go out, and its time; undefined when it is not good any more. */
export async function giveLinkToken(sql: Sql, linkId: string, tokenHash: Buffer): Promise<Candidate | undefined> {
  const rows = await sql<Candidate>(
    `update password_link l
        set token_hash = $2, expires_at = clock_timestamp() + $3 * interval '1 minute' from users u
      where u.user_id = l.user_id and l.link_id = $1 and ${VALID}
     returning l.user_id as "userId", u.login, u.name, u.email, u.language`,
    [linkId, tokenHash, MAILED_MINUTES],
  );
  return rows[0];
}

export type SecretMail = { mailId: string; kind: "invitation" | "password"; about: string; attempts: number };

/** Queues a mail that will carry a link. */
export async function queueSecretMail(sql: Sql, kind: SecretMail["kind"], about: string): Promise<void> {
  await sql("insert into secret_mail (mail_id, kind, about) values ($1, $2, $3)", [uuidv7(), kind, about]);
}

/** Takes a mail that is due, for this process alone until `leaseSeconds` are over. */
export async function claimSecretMail(sql: Sql, leaseSeconds: number): Promise<SecretMail | undefined> {
  const rows = await sql<SecretMail>(
    `update secret_mail set attempts = attempts + 1, next_attempt_at = clock_timestamp() + $1 * interval '1 second'
      where mail_id = (select mail_id from secret_mail where next_attempt_at <= clock_timestamp()
                        order by next_attempt_at limit 1 for update skip locked)
     returning mail_id as "mailId", kind, about, attempts`,
    [leaseSeconds],
  );
  return rows[0];
}

/** The mail is out, or will never be. */
export async function forgetSecretMail(sql: Sql, mailId: string): Promise<void> {
  await sql("delete from secret_mail where mail_id = $1", [mailId]);
}

/** Requests that wait at most; more are not taken until those are answered. */
const MAX_REQUESTS = 1_000;

/** Notes that somebody forgot their password: once in five minutes, whoever they are and whether they exist. */
export async function noteRequest(sql: Sql, asked: string): Promise<void> {
  await sql(
    `insert into password_request (asked)
     select $1 where (select count(*) from password_request where handled_at is null) < $2::int
     on conflict do nothing`,
    [asked, MAX_REQUESTS],
  );
}

/** Takes up to `limit` requests; returns the active people with an address whom they mean, by login or e-mail. */
export async function takeRequests(sql: Sql, limit: number): Promise<{ taken: number; userIds: string[] }> {
  await sql("delete from password_request where asked_at < clock_timestamp() - interval '5 minutes'");
  const taken = await sql<{ asked: string }>(
    `update password_request set handled_at = clock_timestamp()
      where asked in (select asked from password_request where handled_at is null
                       order by asked_at limit $1 for update skip locked)
     returning asked`,
    [limit],
  );
  const found = await sql<{ userId: string }>(
    `select user_id as "userId" from users
      where status = 'active' and email <> '' and (login = any ($1) or lower(email) = any ($1)) order by user_id limit 1000`,
    [taken.map(({ asked }) => asked)],
  );
  return { taken: taken.length, userIds: found.map(({ userId }) => userId) };
}
