/** SQL about passkeys: one function per question. Times are real, never the demo's. */
import { createHash } from "node:crypto";
import type { Sql } from "../../platform/service.ts";

export type Passkey = {
  passkeyId: string;
  name: string;
  backedUp: boolean;
  createdAt: Date;
  /** The day, in UTC. */
  lastUsedOn: string | null;
};

const COLUMNS = `passkey_id as "passkeyId", name, backed_up as "backedUp", created_at as "createdAt",
                 last_used_on as "lastUsedOn"`;
const CHALLENGE_SECONDS = 300;

const hashOf = (challenge: string) => createHash("sha256").update(challenge).digest();

/** Keeps what the next passkey of somebody has to sign; an earlier one is forgotten. */
export async function saveChallenge(sql: Sql, userId: string, challenge: string): Promise<void> {
  await sql(
    `insert into passkey_challenge (user_id, challenge_hash, expires_at)
     values ($1, $2, clock_timestamp() + $3 * interval '1 second')
     on conflict (user_id) do update
        set challenge_hash = excluded.challenge_hash, expires_at = excluded.expires_at`,
    [userId, hashOf(challenge), CHALLENGE_SECONDS],
  );
}

/** Whether this is what somebody's passkey had to sign; true once. */
export async function takeChallenge(sql: Sql, userId: string, challenge: string): Promise<boolean> {
  const rows = await sql(
    `delete from passkey_challenge
      where user_id = $1 and challenge_hash = $2 and expires_at > clock_timestamp() returning 1`,
    [userId, hashOf(challenge)],
  );
  return rows.length > 0;
}

export type NewPasskey = {
  credentialId: string;
  passkeyId: string;
  userId: string;
  publicKey: Buffer;
  counter: number;
  transports: readonly string[];
  name: string;
  backedUp: boolean;
};

/** Stores a passkey; undefined when the authenticator's key is known already or the person has `limit` of them. */
export async function insertPasskey(sql: Sql, passkey: NewPasskey, limit: number): Promise<Passkey | undefined> {
  const rows = await sql<Passkey>(
    `insert into passkey (credential_id, passkey_id, user_id, public_key, counter, transports, name, backed_up)
     select $1, $2, $3, $4, $5, $6, $7, $8
      where (select count(*) from passkey where user_id = $3) < $9::int
     on conflict do nothing returning ${COLUMNS}`,
    [
      passkey.credentialId,
      passkey.passkeyId,
      passkey.userId,
      passkey.publicKey,
      passkey.counter,
      passkey.transports,
      passkey.name,
      passkey.backedUp,
      limit,
    ],
  );
  return rows[0];
}

/** Somebody's passkeys, oldest first. */
export async function listPasskeys(sql: Sql, userId: string): Promise<Passkey[]> {
  return sql<Passkey>(`select ${COLUMNS} from passkey where user_id = $1 order by created_at, passkey_id`, [userId]);
}

/** The names that authenticators gave to somebody's passkeys, so that none is registered twice. */
export async function listCredentialIds(sql: Sql, userId: string): Promise<{ id: string; transports: string[] }[]> {
  return sql("select credential_id as id, transports from passkey where user_id = $1", [userId]);
}

/** Names one of somebody's passkeys; undefined when they have no such one. */
export async function renamePasskey(
  sql: Sql,
  userId: string,
  passkeyId: string,
  name: string,
): Promise<Passkey | undefined> {
  const rows = await sql<Passkey>(
    `update passkey set name = $3 where passkey_id = $2 and user_id = $1 returning ${COLUMNS}`,
    [userId, passkeyId, name],
  );
  return rows[0];
}

/** Removes one of somebody's passkeys; false when they have no such one. */
export async function deletePasskey(sql: Sql, userId: string, passkeyId: string): Promise<boolean> {
  const rows = await sql("delete from passkey where passkey_id = $2 and user_id = $1 returning 1", [userId, passkeyId]);
  return rows.length > 0;
}

export type KnownPasskey = {
  userId: string;
  passkeyId: string;
  active: boolean;
  publicKey: Buffer;
  counter: number;
  transports: string[];
};

/** The passkey of this name, whoever's it is. */
export async function findPasskey(sql: Sql, credentialId: string): Promise<KnownPasskey | undefined> {
  const rows = await sql<KnownPasskey>(
    `select p.user_id as "userId", passkey_id as "passkeyId", u.status = 'active' as active,
            public_key as "publicKey", counter, transports
       from passkey p join users u using (user_id) where credential_id = $1`,
    [credentialId],
  );
  return rows[0];
}

/**
 * Notes a use. False when somebody else used the same state of the authenticator at the same time: with a counter that
 * counts, that is a copy of it.
 */
export async function notePasskeyUse(sql: Sql, credentialId: string, before: number, now: number): Promise<boolean> {
  const rows = await sql(
    `update passkey set counter = $3, last_used_on = (clock_timestamp() at time zone 'UTC')::date
      where credential_id = $1 and counter = $2 returning 1`,
    [credentialId, before, now],
  );
  return rows.length > 0;
}

/** Whether somebody has held a role that requires a passkey for longer than the period of grace. */
export async function graceIsOver(sql: Sql, userId: string, graceDays: number): Promise<boolean> {
  const rows = await sql(
    `select 1 from users where user_id = $1 and privileged_since + $2 * interval '1 day' <= clock_timestamp()`,
    [userId, graceDays],
  );
  return rows.length > 0;
}
