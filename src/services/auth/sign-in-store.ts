/** SQL about signing in: one function per question. Times are the database's own, which never run ahead in a demo. */
import type { Sql } from "../../platform/service.ts";

/** From this attempt on, each one makes the next wait: 1 s, 2 s, 4 s … up to 15 minutes. */
const FREE_ATTEMPTS = 5;
const LONGEST_WAIT_SECONDS = 900;

/**
 * Counts an attempt *before* the password is looked at, so that guesses made at the same instant count like any others.
 * Returns 0 when it may go on, else for how many seconds it has to wait (it was not counted then).
 */
export async function countAttempt(sql: Sql, loginHmac: Buffer): Promise<number> {
  const counted = await sql(
    `insert into sign_in_attempt as a (login_hmac, attempts, last_at) values ($1, 1, clock_timestamp())
     on conflict (login_hmac) do update
        set attempts = a.attempts + 1,
            last_at = clock_timestamp(),
            blocked_until = case when a.attempts + 1 >= $2::int then clock_timestamp()
              + least(2 ^ least(a.attempts + 1 - $2::int, 20), $3::int) * interval '1 second' end
      where a.blocked_until is null or a.blocked_until <= clock_timestamp()
     returning 1`,
    [loginHmac, FREE_ATTEMPTS, LONGEST_WAIT_SECONDS],
  );
  if (counted.length > 0) return 0;
  const rows = await sql<{ seconds: number }>(
    `select greatest(1, ceil(extract(epoch from blocked_until - clock_timestamp())))::int as seconds
       from sign_in_attempt where login_hmac = $1`,
    [loginHmac],
  );
  return rows[0]?.seconds ?? 1;
}

/** After a success the count begins anew. */
export async function forgetAttempts(sql: Sql, loginHmac: Buffer): Promise<void> {
  await sql("delete from sign_in_attempt where login_hmac = $1", [loginHmac]);
}

/** Forgets up to `limit` counts that nobody added to for a day; returns how many there were. */
export async function forgetOldAttempts(sql: Sql, limit: number): Promise<number> {
  const rows = await sql(
    `delete from sign_in_attempt where login_hmac in
       (select login_hmac from sign_in_attempt where last_at < clock_timestamp() - interval '1 day'
         order by last_at limit $1 for update skip locked)
     returning 1`,
    [limit],
  );
  return rows.length;
}

/** What is needed to check a password; undefined when nobody has this login. */
export async function findCredential(
  sql: Sql,
  login: string,
): Promise<{ userId: string; active: boolean; passwordHash: string | null } | undefined> {
  const rows = await sql<{ userId: string; active: boolean; passwordHash: string | null }>(
    `select u.user_id as "userId", u.status = 'active' as active, c.password_hash as "passwordHash"
       from users u left join credential c using (user_id)
      where u.login = $1`,
    [login],
  );
  return rows[0];
}
