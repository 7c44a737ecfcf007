/** People as another OpenID provider of the company knows them: by issuer and subject, never by e-mail or name. */
import type { DataOf } from "../platform/contract.ts";
import type { userLinkedV1 } from "../contracts/auth/user.linked.v1.ts";
import type { Sql } from "../platform/service.ts";

/** The one text that stands for both. */
export const identityOf = (issuer: string, subject: string): string => `${issuer} ${subject}`;

/** Notes links; a name is given once and for ever, so the first one counts. */
export async function keepIdentities(sql: Sql, links: readonly DataOf<typeof userLinkedV1>[]): Promise<void> {
  if (links.length === 0) return;
  await sql(
    `insert into person_identity (identity, user_id)
     select l->>'identity', (l->>'userId')::uuid from jsonb_array_elements($1::jsonb) l
     on conflict (identity) do nothing`,
    [JSON.stringify(links)],
  );
}

/** The user of this name, if this service knows of one. */
export async function findUserIdOf(sql: Sql, identity: string): Promise<string | undefined> {
  const rows = await sql<{ userId: string }>('select user_id as "userId" from person_identity where identity = $1', [
    identity,
  ]);
  return rows[0]?.userId;
}
