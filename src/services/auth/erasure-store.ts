/** SQL of erasure: what is known of somebody who left is taken out or replaced. */
import type { Sql } from "../../platform/service.ts";
import type { User } from "./users.ts";

/** Stands where a name stood. */
const NEUTRAL_NAME = "Erased";

/** Writes the neutral state; undefined when they are erased already. The login becomes free for somebody else. */
export async function eraseState(sql: Sql, userId: string): Promise<User | undefined> {
  const rows = await sql<User>(
    `update users
        set name = $2, email = '', login = 'erased-' || right(replace(user_id::text, '-', ''), 12), language = 'en',
            version = version + 1, valid_from = clock_timestamp(), erased_at = clock_timestamp()
      where user_id = $1 and erased_at is null
     returning user_id as "userId", login, name, email, roles, language, status, version, valid_from as "validFrom",
               created_at as "createdAt"`,
    [userId, NEUTRAL_NAME],
  );
  return rows[0];
}

/** Takes out what they signed in with and what is kept of their requests. */
export async function eraseCredentials(sql: Sql, before: Pick<User, "userId" | "login" | "email">): Promise<void> {
  for (const table of [
    "credential",
    "passkey",
    "passkey_challenge",
    "password_link",
    "personal_token",
    "application_consent",
    "last_seen",
  ]) {
    await sql(`delete from ${table} where user_id = $1`, [before.userId]);
  }
  await sql("delete from invitation where login = $1 or ($2 <> '' and email = $2)", [before.login, before.email]);
  await sql("delete from password_request where asked = any ($1)", [[before.login, before.email.toLowerCase()]]);
  // Answers to commands that made or changed them, and to their own.
  await sql("delete from idempotency where answer->>'userId' = $1::uuid::text or actor = $1::uuid", [before.userId]);
}

/** Takes their name, login and address out of the events that were told of them. */
export async function eraseInEvents(sql: Sql, after: Pick<User, "userId" | "login" | "name">): Promise<void> {
  const neutral = { login: after.login, name: after.name, email: "" };
  await sql("select forget_in_events($1, $2::jsonb)", [after.userId, JSON.stringify(neutral)]);
}
