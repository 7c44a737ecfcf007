/** SQL about invitations: one function per question. Times are real, never the demo's. */
import type { Role } from "../../people/policy.ts";
import type { Sql } from "../../platform/service.ts";
import type { Language } from "./users.ts";

const LIFETIME_HOURS = 72;

export type Invitation = {
  invitationId: string;
  login: string;
  name: string;
  email: string;
  roles: Role[];
  language: Language;
  createdAt: Date;
  expiresAt: Date;
};

const COLUMNS = `invitation_id as "invitationId", login, name, email, roles, language, created_at as "createdAt",
                 expires_at as "expiresAt"`;
const PENDING = "ended_at is null and expires_at > clock_timestamp()";

/** Stores an invitation; undefined when the login is taken by a user or held by another invitation. */
export async function insertInvitation(
  sql: Sql,
  wanted: Omit<Invitation, "createdAt" | "expiresAt"> & { invitedBy: string; tokenHash: Buffer | null },
): Promise<Invitation | undefined> {
  await sql("delete from invitation where login = $1 and ended_at is null and expires_at <= clock_timestamp()", [
    wanted.login,
  ]);
  const rows = await sql<Invitation>(
    `insert into invitation (invitation_id, login, name, email, roles, language, invited_by, token_hash, expires_at)
     select $1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp() + $9 * interval '1 hour'
      where not exists (select 1 from users where login = $2)
     on conflict do nothing
     returning ${COLUMNS}`,
    [
      wanted.invitationId,
      wanted.login,
      wanted.name,
      wanted.email,
      wanted.roles,
      wanted.language,
      wanted.invitedBy,
      wanted.tokenHash,
      LIFETIME_HOURS,
    ],
  );
  return rows[0];
}

/** What may still be accepted, newest first. */
export async function listPending(sql: Sql): Promise<Invitation[]> {
  return sql<Invitation>(
    `select ${COLUMNS} from invitation where ${PENDING} order by created_at desc, invitation_id desc limit 1000`,
  );
}

/** An invitation that may still be accepted, locked. */
export async function findPending(sql: Sql, invitationId: string): Promise<Invitation | undefined> {
  const rows = await sql<Invitation>(
    `select ${COLUMNS} from invitation where invitation_id = $1 and ${PENDING} for update`,
    [invitationId],
  );
  return rows[0];
}

/** The invitation behind a link; undefined when there is none that may be accepted. */
export async function findByToken(sql: Sql, tokenHash: Buffer): Promise<Invitation | undefined> {
  const rows = await sql<Invitation>(`select ${COLUMNS} from invitation where token_hash = $1 and ${PENDING}`, [
    tokenHash,
  ]);
  return rows[0];
}

/** Takes the invitation behind a link, for one of all who try. */
export async function acceptInvitation(sql: Sql, tokenHash: Buffer): Promise<Invitation | undefined> {
  const rows = await sql<Invitation>(
    `update invitation set ended_at = clock_timestamp(), outcome = 'accepted', token_hash = null
      where token_hash = $1 and ${PENDING} returning ${COLUMNS}`,
    [tokenHash],
  );
  return rows[0];
}

/** Takes an invitation back; false when there is none that may be accepted. */
export async function revokeInvitation(sql: Sql, invitationId: string): Promise<boolean> {
  const rows = await sql(
    `update invitation set ended_at = clock_timestamp(), outcome = 'revoked', token_hash = null
      where invitation_id = $1 and ${PENDING} returning 1`,
    [invitationId],
  );
  return rows.length > 0;
}

/** Begins the time of an invitation anew and ends its link; undefined when it may not be accepted any more. */
export async function renewInvitation(
  sql: Sql,
  invitationId: string,
  tokenHash: Buffer | null,
): Promise<Invitation | undefined> {
  const rows = await sql<Invitation>(
    `update invitation set token_hash = $2, expires_at = clock_timestamp() + $3 * interval '1 hour'
      where invitation_id = $1 and ${PENDING} returning ${COLUMNS}`,
    [invitationId, tokenHash, LIFETIME_HOURS],
  );
  return rows[0];
}

/** Gives an invitation the token of the mail that is about to go out; undefined when it may not be accepted any more. */
export async function giveToken(sql: Sql, invitationId: string, tokenHash: Buffer): Promise<Invitation | undefined> {
  const rows = await sql<Invitation>(
    `update invitation set token_hash = $2 where invitation_id = $1 and ${PENDING} returning ${COLUMNS}`,
    [invitationId, tokenHash],
  );
  return rows[0];
}
