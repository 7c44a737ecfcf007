/**
 * What every service knows of the people: its own table `person`, kept by the events of auth.
 * A room of its own, beside the platform (which knows no business word) and below the services (which share no table).
 */
import { tokenIssuedV1 } from "../contracts/auth/token.issued.v1.ts";
import { tokenRevokedV1 } from "../contracts/auth/token.revoked.v1.ts";
import { userCreatedV1 } from "../contracts/auth/user.created.v1.ts";
import { userLinkedV1 } from "../contracts/auth/user.linked.v1.ts";
import { userUpdatedV1 } from "../contracts/auth/user.updated.v1.ts";
import { keepIdentities } from "./identity.ts";
import type { DataOf } from "../platform/contract.ts";
import type { Received } from "../platform/event.ts";
import { consumer, type Consumer, type Ctx, ofType, type Sql } from "../platform/service.ts";
import type { Role } from "./policy.ts";

/** For `Service.migrations`: creates `person` and `personal_token`. */
export const peopleMigrations = new URL("./migrations/", import.meta.url);

/**
 * The events that keep the replica. All of one person stand in one partition, so they are met in order. People come last:
 * whoever begins with the state hears type by type, and a token whose owner was erased amid that is told no more, while
 * its issue may stand behind the cursor.
 */
export const peopleEvents = [tokenIssuedV1, tokenRevokedV1, userLinkedV1, userCreatedV1, userUpdatedV1] as const;

/** Those among them that say something of the person, in their order. */
export function aboutUsers(events: readonly Received[]) {
  const types: readonly string[] = [userCreatedV1.type, userUpdatedV1.type];
  return events.filter(({ type }) => types.includes(type)) as Received<typeof userCreatedV1 | typeof userUpdatedV1>[];
}

export type Person = {
  userId: string;
  login: string;
  name: string;
  email: string;
  roles: Role[];
  language: "en" | "ru";
  active: boolean;
  version: number;
  validFrom: Date;
};

/**
 * Brings the replica up to the given states. An older version never overwrites a newer one, so duplicates and
 * replays do no harm.
 */
export async function keepPeople(ctx: Ctx, events: readonly Received<(typeof peopleEvents)[number]>[]): Promise<void> {
  await keepUsers(ctx, aboutUsers(events));
  await keepTokens(ctx, events);
  await keepIdentities(
    ctx.sql,
    ofType(events, userLinkedV1).map(({ data }) => data),
  );
}

async function keepUsers(ctx: Ctx, events: ReturnType<typeof aboutUsers>): Promise<void> {
  const latest = new Map<string, DataOf<typeof userUpdatedV1>>();
  for (const { data } of events) {
    const known = latest.get(data.userId);
    if (known === undefined || known.version < data.version) latest.set(data.userId, data);
  }
  if (latest.size === 0) return;
  await ctx.sql(
    `insert into person (user_id, login, name, email, roles, language, active, version, valid_from)
     select user_id, p->>'login', p->>'name', p->>'email',
            array(select jsonb_array_elements_text(p->'roles')), p->>'language', p->>'status' = 'active',
            (p->>'version')::int, (p->>'validFrom')::timestamptz
       from (select (p->>'userId')::uuid, p from jsonb_array_elements($1::jsonb) p) as states (user_id, p)
      order by user_id
     on conflict (user_id) do update
        set login = excluded.login, name = excluded.name, email = excluded.email, roles = excluded.roles,
            language = excluded.language, active = excluded.active, version = excluded.version,
            valid_from = excluded.valid_from
      where person.version < excluded.version`,
    [JSON.stringify([...latest.values()])],
  );
}

/** A revocation leaves its mark, so that a replay of the issue does not bring the token back. */
async function keepTokens(ctx: Ctx, events: readonly Received[]): Promise<void> {
  const issued = ofType(events, tokenIssuedV1).map(({ data }) => data);
  const revoked = ofType(events, tokenRevokedV1).map(({ data }) => data.tokenId);
  if (issued.length > 0) {
    await ctx.sql(
      `insert into personal_token (token_id, user_id, hash, scopes, expires_at)
       select (t->>'tokenId')::uuid, (t->>'userId')::uuid, decode(t->>'hash', 'hex'),
              array(select jsonb_array_elements_text(t->'scopes')), (t->>'expiresAt')::timestamptz
         from jsonb_array_elements($1::jsonb) t
       on conflict (token_id) do nothing`,
      [JSON.stringify(issued)],
    );
  }
  if (revoked.length > 0) {
    await ctx.sql("update personal_token set revoked = true where token_id = any ($1::uuid[])", [revoked]);
  }
}

/** The consumer of services that only have to know people. */
export const onUser: Consumer = consumer({
  name: "on-user",
  source: "auth",
  fromState: true,
  events: peopleEvents,
  command: "user.replicate",
  handle: keepPeople,
});

const COLUMNS = `user_id as "userId", login, name, email, roles, language, active, version, valid_from as "validFrom"`;

/** Those of them whom this service knows. */
export async function findPeople(sql: Sql, userIds: readonly string[]): Promise<Person[]> {
  if (userIds.length === 0) return [];
  return await sql<Person>(`select ${COLUMNS} from person where user_id = any ($1::uuid[])`, [userIds]);
}

/** Somebody, as this service knows them; undefined when no event about them has arrived yet. */
export async function findPerson(sql: Sql, userId: string): Promise<Person | undefined> {
  return (await findPeople(sql, [userId]))[0];
}
