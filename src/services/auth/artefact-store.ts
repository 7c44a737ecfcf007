/** SQL about what the OpenID provider keeps: one function per question. Names and contents come sealed. */
import type { Sql } from "../../platform/service.ts";

export type StoredArtefact = {
  kind: string;
  idHmac: Buffer;
  grantHmac: Buffer | null;
  uidHmac: Buffer | null;
  userId: string | null;
  clientId: string | null;
  sealed: Buffer;
};

/**
 * Writes an artefact; false when it belongs to somebody who is not active. Waits for a deactivation in flight: nothing
 * that somebody holds can be saved after what they held was deleted.
 */
export async function saveArtefact(sql: Sql, artefact: StoredArtefact, expiresInSeconds: number): Promise<boolean> {
  const rows = await sql(
    `with owner as (select 1 from users where user_id = $5 and status = 'active' for share)
     insert into oidc_artefact (kind, id_hmac, grant_hmac, uid_hmac, user_id, client_id, sealed, expires_at)
     select $1, $2, $3, $4, $5, $6, $7, clock_timestamp() + $8 * interval '1 second'
      where $5::uuid is null or exists (select 1 from owner)
     on conflict (kind, id_hmac) do update
        set grant_hmac = excluded.grant_hmac, uid_hmac = excluded.uid_hmac, user_id = excluded.user_id,
            client_id = excluded.client_id, sealed = excluded.sealed, expires_at = excluded.expires_at
     returning 1`,
    [
      artefact.kind,
      artefact.idHmac,
      artefact.grantHmac,
      artefact.uidHmac,
      artefact.userId,
      artefact.clientId,
      artefact.sealed,
      expiresInSeconds,
    ],
  );
  return rows.length > 0;
}

export type FoundArtefact = { idHmac: Buffer; sealed: Buffer; consumedAt: Date | null };

/** A code, token or session by its hashed id, unless it has expired. */
export async function findArtefact(sql: Sql, kind: string, idHmac: Buffer): Promise<FoundArtefact | undefined> {
  const rows = await sql<FoundArtefact>(
    `select id_hmac as "idHmac", sealed, consumed_at as "consumedAt" from oidc_artefact
      where kind = $1 and id_hmac = $2 and expires_at > clock_timestamp()`,
    [kind, idHmac],
  );
  return rows[0];
}

/** A session by its hashed uid, unless it has expired. */
export async function findArtefactByUid(sql: Sql, kind: string, uidHmac: Buffer): Promise<FoundArtefact | undefined> {
  const rows = await sql<FoundArtefact>(
    `select id_hmac as "idHmac", sealed, consumed_at as "consumedAt" from oidc_artefact
      where kind = $1 and uid_hmac = $2 and expires_at > clock_timestamp()`,
    [kind, uidHmac],
  );
  return rows[0];
}

/** Compare-and-set: true for exactly one of all who try. */
export async function consumeArtefact(sql: Sql, kind: string, idHmac: Buffer): Promise<boolean> {
  const rows = await sql(
    `update oidc_artefact set consumed_at = clock_timestamp()
      where kind = $1 and id_hmac = $2 and consumed_at is null
     returning 1`,
    [kind, idHmac],
  );
  return rows.length > 0;
}

/** The grant that an artefact was issued under, and whose it is. */
export async function findGrantOf(
  sql: Sql,
  kind: string,
  idHmac: Buffer,
): Promise<{ grantHmac: Buffer | null; userId: string | null } | undefined> {
  const rows = await sql<{ grantHmac: Buffer | null; userId: string | null }>(
    `select grant_hmac as "grantHmac", user_id as "userId" from oidc_artefact where kind = $1 and id_hmac = $2`,
    [kind, idHmac],
  );
  return rows[0];
}

/** Forgets one artefact; no matter if it is gone already. */
export async function deleteArtefact(sql: Sql, kind: string, idHmac: Buffer): Promise<void> {
  await sql("delete from oidc_artefact where kind = $1 and id_hmac = $2", [kind, idHmac]);
}

/** Ends a grant: itself and all codes and refresh tokens that were issued under it. */
export async function deleteGrant(sql: Sql, grantHmac: Buffer): Promise<void> {
  await sql("delete from oidc_artefact where grant_hmac = $1 or (kind = 'Grant' and id_hmac = $1)", [grantHmac]);
}

/** Removes up to `limit` expired artefacts; returns how many there were. */
export async function deleteExpiredArtefacts(sql: Sql, limit: number): Promise<number> {
  const rows = await sql(
    `delete from oidc_artefact where (kind, id_hmac) in
       (select kind, id_hmac from oidc_artefact where expires_at <= clock_timestamp()
         order by expires_at limit $1 for update skip locked)
     returning 1`,
    [limit],
  );
  return rows.length;
}
