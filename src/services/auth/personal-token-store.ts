/** SQL about personal access tokens: one function per question. Times are real, never the demo's. */
import type { Scope } from "../../people/policy.ts";
import type { Sql } from "../../platform/service.ts";

export type PersonalToken = {
  tokenId: string;
  name: string;
  scopes: Scope[];
  createdAt: Date;
  expiresAt: Date;
  /** The day, in UTC, on which it was last let in; null: never. */
  lastUsedOn: string | null;
};

const COLUMNS = `token_id as "tokenId", name, scopes, created_at as "createdAt", expires_at as "expiresAt",
                 last_used_on as "lastUsedOn"`;

/**
 * Stores a token's hash; undefined when its owner is not active (any more) or has `limit` of them already. Waits for a
 * deactivation in flight: no token is made after all of somebody's were revoked.
 */
export async function insertToken(
  sql: Sql,
  token: { tokenId: string; userId: string; name: string; hash: Buffer; scopes: readonly Scope[]; days: number },
  limit: number,
): Promise<PersonalToken | undefined> {
  const owner = await sql("select 1 from users where user_id = $1 and status = 'active' for no key update", [
    token.userId,
  ]);
  if (owner.length === 0) return undefined;
  const rows = await sql<PersonalToken>(
    `insert into personal_token (token_id, user_id, name, hash, scopes, expires_at)
     select $1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 day'
      where (select count(*) from personal_token
              where user_id = $2 and not revoked and expires_at > clock_timestamp()) < $7::int
     returning ${COLUMNS}`,
    [token.tokenId, token.userId, token.name, token.hash, token.scopes, token.days, limit],
  );
  return rows[0];
}

/** Somebody's tokens that are neither revoked nor expired, newest first. */
export async function listTokens(sql: Sql, userId: string): Promise<PersonalToken[]> {
  return sql<PersonalToken>(
    `select ${COLUMNS} from personal_token
      where user_id = $1 and not revoked and expires_at > clock_timestamp()
      order by created_at desc, token_id`,
    [userId],
  );
}

/** Revokes one of somebody's tokens; false when they have no such one. */
export async function revokeToken(sql: Sql, userId: string, tokenId: string): Promise<boolean> {
  const rows = await sql(
    "update personal_token set revoked = true where token_id = $1 and user_id = $2 and not revoked returning 1",
    [tokenId, userId],
  );
  return rows.length > 0;
}

/** Revokes all of somebody's tokens; returns which. */
export async function revokeAllTokens(sql: Sql, userId: string): Promise<string[]> {
  const rows = await sql<{ tokenId: string }>(
    `update personal_token set revoked = true where user_id = $1 and not revoked returning token_id as "tokenId"`,
    [userId],
  );
  return rows.map(({ tokenId }) => tokenId);
}

/** Notes the day of use; writes once a day. */
export async function noteTokenUse(sql: Sql, tokenId: string): Promise<void> {
  await sql(
    `update personal_token set last_used_on = (clock_timestamp() at time zone 'UTC')::date
      where token_id = $1 and last_used_on is distinct from (clock_timestamp() at time zone 'UTC')::date`,
    [tokenId],
  );
}
