/** Ends what somebody holds: sessions of browsers, sessions and grants at the provider; and notes whom to tell. */
import type { Sql } from "../../platform/service.ts";

/** Ends everything of a person at once: whoever is deactivated, or sets a new password because the old one got out. */
export async function endAllAccess(sql: Sql, userId: string): Promise<void> {
  await sql("delete from web_session where user_id = $1", [userId]);
  await sql(
    `with gone as (delete from application_login where user_id = $1 returning client_id, sid, user_id)
     insert into logout_notice (client_id, sid, user_id) select client_id, sid, user_id from gone`,
    [userId],
  );
  await sql("delete from oidc_artefact where user_id = $1", [userId]);
}

/**
 * Ends one session of the provider (by its public name), the grants of all applications that came from it, and the
 * browsers' sessions that live on it. Returns how many sessions of browsers ended.
 */
export async function endProviderSession(sql: Sql, sid: string): Promise<number> {
  const logins = await sql<{ sid: string; session: Buffer; grant: Buffer | null }>(
    `with gone as (
       delete from application_login
        where session_hmac in (select session_hmac from application_login where sid = $1)
       returning sid, client_id, user_id, session_hmac, grant_hmac),
     told as (insert into logout_notice (client_id, sid, user_id) select client_id, sid, user_id from gone)
     select sid, session_hmac as session, grant_hmac as "grant" from gone`,
    [sid],
  );
  const grants = logins.flatMap((login) => (login.grant ? [login.grant] : []));
  const sessions = logins.map((login) => login.session);
  await sql(
    `delete from oidc_artefact
      where (kind = 'Session' and id_hmac = any ($1)) or (kind = 'Grant' and id_hmac = any ($2)) or grant_hmac = any ($2)`,
    [sessions, grants],
  );
  const ended = await sql("delete from web_session where sid = any ($1) returning 1", [
    [sid, ...logins.map((l) => l.sid)],
  ]);
  return ended.length;
}

/** Ends what one application holds of a person, and notes that it has to be told. */
export async function endAccessOf(sql: Sql, userId: string, clientId: string): Promise<void> {
  await sql(
    `with gone as (delete from application_login where user_id = $1 and client_id = $2 returning client_id, sid, user_id)
     insert into logout_notice (client_id, sid, user_id) select client_id, sid, user_id from gone`,
    [userId, clientId],
  );
  await sql("delete from oidc_artefact where user_id = $1 and client_id = $2", [userId, clientId]);
}

export type ApplicationLogin = { sid: string; clientId: string; grantHmac: Buffer | null };

/** Notes which applications a session of the provider is known to by now. */
export async function noteApplicationLogins(
  sql: Sql,
  session: { userId: string; sessionHmac: Buffer; expiresInSeconds: number },
  logins: readonly ApplicationLogin[],
): Promise<void> {
  await sql(
    `insert into application_login as l (sid, client_id, user_id, session_hmac, grant_hmac, expires_at)
     select sid, client_id, $1, $2, grant_hmac, clock_timestamp() + $3 * interval '1 second'
       from unnest($4::text[], $5::text[], $6::bytea[]) as given (sid, client_id, grant_hmac)
      order by sid, client_id
     on conflict (sid, client_id) do update
        set session_hmac = excluded.session_hmac, grant_hmac = excluded.grant_hmac, expires_at = excluded.expires_at`,
    [
      session.userId,
      session.sessionHmac,
      session.expiresInSeconds,
      logins.map((login) => login.sid),
      logins.map((login) => login.clientId),
      logins.map((login) => login.grantHmac),
    ],
  );
}

/** Forgets up to `limit` logins whose session has expired by itself; returns how many there were. */
export async function forgetExpiredLogins(sql: Sql, limit: number): Promise<number> {
  const rows = await sql(
    `delete from application_login where (sid, client_id) in
       (select sid, client_id from application_login where expires_at <= clock_timestamp()
         order by expires_at limit $1 for update skip locked)
     returning 1`,
    [limit],
  );
  return rows.length;
}
