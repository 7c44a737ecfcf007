/** SQL about signed-in browsers: one function per question. Times are the database's own, real ones. */
import type { Sql } from "../../../platform/service.ts";

const IDLE = "interval '30 minutes'";
const ABSOLUTE = "interval '8 hours'";
/** After a sign-in, that long what needs a new one does not. */
const FRESH = "interval '5 minutes'";
/** How often a session that is used is noted as such. */
const NOTED_EVERY = "interval '1 minute'";
/** Longer than getting new tokens can take; after that, somebody else may try. */
const REFRESH_LEASE = "interval '15 seconds'";
/** Beside each use that is noted: sessions go, this stays. */
const SEEN = "on conflict (user_id) do update set at = excluded.at";
const ALIVE = `expires_at > clock_timestamp() and last_seen_at > clock_timestamp() - ${IDLE}`;

export type NewSession = {
  cookieHash: Buffer;
  sessionId: string;
  userId: string;
  sid: string | null;
  /** Null: nobody said so; it does not count as new then. */
  signedInAt: Date | null;
  sealed: Buffer;
  accessExpiresAt: Date;
  device: string;
};

/** Begins a session; false when the person is not active. Waits for a deactivation in flight. */
export async function insertSession(sql: Sql, session: NewSession): Promise<boolean> {
  const rows = await sql(
    `with owner as (select user_id from users where user_id = $3 and status = 'active' for share),
          seen as (insert into last_seen select user_id, clock_timestamp() from owner ${SEEN})
     insert into web_session (cookie_hash, session_id, user_id, sid, sealed, access_expires_at, device, signed_in_at, expires_at)
     select $1, $2, user_id, $4, $5, $6, $7, least(coalesce($8::timestamptz, '-infinity'), clock_timestamp()),
            clock_timestamp() + ${ABSOLUTE}
       from owner
     returning 1`,
    [
      session.cookieHash,
      session.sessionId,
      session.userId,
      session.sid,
      session.sealed,
      session.accessExpiresAt,
      session.device,
      session.signedInAt,
    ],
  );
  return rows.length > 0;
}

export type FoundSession = {
  sessionId: string;
  userId: string;
  sid: string | null;
  sealed: Buffer;
  /** Seconds until the access token expires; negative when it has. */
  accessLeft: number;
  refreshing: boolean;
  /** It is time to note that the session is used. */
  unnoted: boolean;
};

/** A session that is neither over nor idle for too long. */
export async function findSession(sql: Sql, cookieHash: Buffer): Promise<FoundSession | undefined> {
  const rows = await sql<FoundSession>(
    `select session_id as "sessionId", user_id as "userId", sid, sealed,
            extract(epoch from access_expires_at - clock_timestamp())::float8 as "accessLeft",
            coalesce(refreshing_until > clock_timestamp(), false) as refreshing,
            last_seen_at < clock_timestamp() - ${NOTED_EVERY} as unnoted
       from web_session where cookie_hash = $1 and ${ALIVE}`,
    [cookieHash],
  );
  return rows[0];
}

/** Notes that a session was used: its idle time begins anew. */
export async function noteUse(sql: Sql, cookieHash: Buffer): Promise<void> {
  await sql(
    `with used as (update web_session set last_seen_at = clock_timestamp()
                    where cookie_hash = $1 and last_seen_at < clock_timestamp() - ${NOTED_EVERY} returning user_id)
     insert into last_seen select user_id, clock_timestamp() from used ${SEEN}`,
    [cookieHash],
  );
}

/**
 * Of all who find at the same instant, in whichever process, that the access token is about to expire, gives one the
 * sealed tokens, to get new ones. Nobody holds a connection or a lock meanwhile.
 */
export async function claimRefresh(sql: Sql, cookieHash: Buffer, minimumSeconds: number): Promise<Buffer | undefined> {
  const rows = await sql<{ sealed: Buffer }>(
    `update web_session set refreshing_until = clock_timestamp() + ${REFRESH_LEASE}
      where cookie_hash = $1 and ${ALIVE}
        and access_expires_at < clock_timestamp() + $2 * interval '1 second'
        and (refreshing_until is null or refreshing_until <= clock_timestamp())
     returning sealed`,
    [cookieHash, minimumSeconds],
  );
  return rows[0]?.sealed;
}

/** Keeps new tokens; false when the session was ended meanwhile. */
export async function saveTokens(
  sql: Sql,
  cookieHash: Buffer,
  sealed: Buffer,
  accessExpiresAt: Date,
): Promise<boolean> {
  const rows = await sql(
    `update web_session set sealed = $2, access_expires_at = $3, refreshing_until = null
      where cookie_hash = $1 returning 1`,
    [cookieHash, sealed, accessExpiresAt],
  );
  return rows.length > 0;
}

/** Lets the next one refresh: this try ended without new tokens. */
export async function releaseRefresh(sql: Sql, cookieHash: Buffer): Promise<void> {
  await sql("update web_session set refreshing_until = null where cookie_hash = $1", [cookieHash]);
}

/** Ends a session; no matter if it has ended already. */
export async function deleteSession(sql: Sql, cookieHash: Buffer): Promise<void> {
  await sql("delete from web_session where cookie_hash = $1", [cookieHash]);
}

export type SessionRow = { sessionId: string; device: string; createdAt: Date; lastSeenAt: Date; expiresAt: Date };

/** The sessions of a person, the one used last first. */
export async function findSessionsOf(sql: Sql, userId: string, limit: number): Promise<SessionRow[]> {
  return sql<SessionRow>(
    `select session_id as "sessionId", device, created_at as "createdAt", last_seen_at as "lastSeenAt",
            least(expires_at, last_seen_at + ${IDLE}) as "expiresAt"
       from web_session where user_id = $1 and ${ALIVE} order by last_seen_at desc, session_id limit $2`,
    [userId, limit],
  );
}

/** Whether somebody showed who they are only minutes ago, in this session. */
export async function isFresh(sql: Sql, sessionId: string): Promise<boolean> {
  const rows = await sql(
    `select 1 from web_session where session_id = $1 and signed_in_at > clock_timestamp() - ${FRESH}`,
    [sessionId],
  );
  return rows.length > 0;
}

/** Deletes a session of this person; undefined when they have none of that name. */
export async function deleteSessionOf(
  sql: Sql,
  userId: string,
  sessionId: string,
): Promise<{ sid: string | null } | undefined> {
  const rows = await sql<{ sid: string | null }>(
    "delete from web_session where user_id = $1 and session_id = $2 returning sid",
    [userId, sessionId],
  );
  return rows[0];
}

/** Ends what a provider says is over: one of its sessions, or all that a person had until then. */
export async function deleteSessionsNamed(
  sql: Sql,
  named: { sid: string } | { userId: string; until: Date },
): Promise<number> {
  const rows =
    "sid" in named
      ? await sql("delete from web_session where sid = $1 returning 1", [named.sid])
      : await sql("delete from web_session where user_id = $1 and created_at <= $2 returning 1", [
          named.userId,
          named.until,
        ]);
  return rows.length;
}

/** Forgets up to `limit` sessions that are over; returns how many there were. */
export async function forgetOldSessions(sql: Sql, limit: number): Promise<number> {
  const rows = await sql(
    `delete from web_session where cookie_hash in
       (select cookie_hash from web_session where not (${ALIVE}) limit $1 for update skip locked)
     returning 1`,
    [limit],
  );
  return rows.length;
}
