/**
 * What every service knows of the people: its own table `person`, kept by the events of auth.
 * A room of its own, beside the platform (which knows no business word) and below the services (which share no table).
 */
import { userCreatedV1 } from "../contracts/auth/user.created.v1.ts";
import { userUpdatedV1 } from "../contracts/auth/user.updated.v1.ts";
import type { DataOf } from "../platform/contract.ts";
import type { Received } from "../platform/event.ts";
import { consumer, type Consumer, type Ctx, type Sql } from "../platform/service.ts";
import type { Role } from "./policy.ts";

/** For `Service.migrations`: creates `person`. */
export const peopleMigrations = new URL("./migrations/", import.meta.url);

/** The events that keep the replica. */
export const userEvents = [userCreatedV1, userUpdatedV1] as const;

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
export async function keepPeople(ctx: Ctx, events: readonly Received<(typeof userEvents)[number]>[]): Promise<void> {
  const latest = new Map<string, DataOf<typeof userUpdatedV1>>();
  for (const { data } of events) {
    const known = latest.get(data.userId);
    if (known === undefined || known.version < data.version) latest.set(data.userId, data);
  }
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

/** The consumer of services that only have to know people. */
export const onUser: Consumer = consumer({
  name: "on-user",
  source: "auth",
  events: userEvents,
  command: "user.replicate",
  handle: keepPeople,
});

/** Somebody, as this service knows them; undefined when no event about them has arrived yet. */
export async function findPerson(sql: Sql, userId: string): Promise<Person | undefined> {
  const rows = await sql<Person>(
    `select user_id as "userId", login, name, email, roles, language, active, version, valid_from as "validFrom"
       from person where user_id = $1`,
    [userId],
  );
  return rows[0];
}
