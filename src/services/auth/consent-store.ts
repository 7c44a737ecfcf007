/** SQL about what people let applications have: one function per question. */
import type { Sql } from "../../platform/service.ts";
import type { Right } from "./consent-page.ts";

/** What somebody lets an application have; empty: nothing yet. */
export async function findConsent(sql: Sql, userId: string, clientId: string): Promise<Right[]> {
  const rows = await sql<{ scopes: Right[] }>(
    "select scopes from application_consent where user_id = $1 and client_id = $2",
    [userId, clientId],
  );
  return rows[0]?.scopes ?? [];
}

/** Whether they let it have anything at all by now. Waits for whoever is taking it back. */
export async function stillConsents(sql: Sql, userId: string, clientId: string): Promise<boolean> {
  const rows = await sql("select 1 from application_consent where user_id = $1 and client_id = $2 for share", [
    userId,
    clientId,
  ]);
  return rows.length > 0;
}

/** Adds to it; what was given before stays given. */
export async function addConsent(sql: Sql, userId: string, clientId: string, scopes: readonly Right[]): Promise<void> {
  await sql(
    `insert into application_consent as c (user_id, client_id, scopes) values ($1, $2, $3)
     on conflict (user_id, client_id) do update
        set scopes = array(select distinct unnest(c.scopes || excluded.scopes)), given_at = excluded.given_at`,
    [userId, clientId, scopes],
  );
}

export type Consent = { clientId: string; scopes: Right[]; givenAt: Date };

/** All that somebody lets applications have, by application. There are no more than applications in the settings. */
export async function listConsents(sql: Sql, userId: string): Promise<Consent[]> {
  return sql<Consent>(
    `select client_id as "clientId", scopes, given_at as "givenAt"
       from application_consent where user_id = $1 order by client_id`,
    [userId],
  );
}

/** Takes it back; false when there was nothing. */
export async function deleteConsent(sql: Sql, userId: string, clientId: string): Promise<boolean> {
  const rows = await sql("delete from application_consent where user_id = $1 and client_id = $2 returning 1", [
    userId,
    clientId,
  ]);
  return rows.length > 0;
}
