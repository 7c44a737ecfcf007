/** The databases of a company: one for all services, or one for each, and then a place from which they are seen as one. */
import { randomBytes } from "node:crypto";
import pg from "pg";
import type { Connection } from "../../src/platform/database.ts";
import { cloneDatabase, onServer, testServer } from "./server.ts";

export const SERVICES = ["auth", "tasks", "accounting", "analytics", "notifications"];

export type Databases = {
  adminOf: (service: string) => Connection;
  /** Each once. */
  all: readonly Connection[];
  /** Where statements find the schemas of all services. */
  whole: Connection;
  drop: () => Promise<void>;
};

/** One for each service where `POPUG_TEST_DATABASES=each` says so, else one. */
export async function makeDatabases(): Promise<Databases> {
  if (process.env["POPUG_TEST_DATABASES"] !== "each") {
    const one = await cloneDatabase();
    return { adminOf: () => one.admin, all: [one.admin], whole: one.admin, drop: one.drop };
  }
  const own = new Map<string, Awaited<ReturnType<typeof cloneDatabase>>>();
  for (const service of SERVICES) own.set(service, await cloneDatabase());
  const adminOf = (service: string) => own.get(service)?.admin as Connection;
  // What lives elsewhere stays empty there: nobody may look into the wrong place without noticing.
  for (const service of SERVICES) {
    const others = SERVICES.filter((other) => other !== service).join(", ");
    await onServer(adminOf(service), (client) => client.query(`drop schema ${others} cascade`));
  }
  const whole = await openWhole(adminOf);
  return {
    adminOf,
    all: SERVICES.map(adminOf),
    whole: whole.admin,
    drop: async () => {
      await whole.drop();
      for (const database of own.values()) await database.drop();
    },
  };
}

/** The enums of a schema: their tables cannot be imported elsewhere without them. */
const enumsOf = (admin: Connection, schema: string): Promise<{ name: string; labels: string[] }[]> =>
  onServer(admin, async (client) => {
    const { rows } = await client.query<{ name: string; labels: string[] }>(
      `select typname as name, array_agg(enumlabel::text order by enumsortorder) as labels
         from pg_type t join pg_enum e on e.enumtypid = t.oid where typnamespace = $1::regnamespace group by 1`,
      [schema],
    );
    return rows;
  });

/** A database that holds nothing, and sees the tables of all others, also of other servers. */
export async function openWhole(
  adminOf: (service: string) => Connection,
): Promise<{ admin: Connection; drop: () => Promise<void> }> {
  const { admin: server } = await testServer();
  const name = `popug_whole_${randomBytes(6).toString("hex")}`;
  await onServer(server, (client) => client.query(`create database ${name} template template0 encoding 'UTF8'`));
  const admin = { ...server, database: name };
  await onServer(admin, async (client) => {
    await client.query("create extension postgres_fdw");
    for (const service of SERVICES) {
      const { host, port, database, user, password } = adminOf(service);
      const literal = pg.escapeLiteral;
      await client.query(
        `create server ${service} foreign data wrapper postgres_fdw
           options (host ${literal(host)}, port '${port}', dbname ${literal(database)});
         create user mapping for current_user server ${service}
           options (user ${literal(user)}${password === undefined ? "" : `, password ${literal(password)}`});
         create schema ${service};`,
      );
      for (const { name: type, labels } of await enumsOf(adminOf(service), service)) {
        await client.query(`create type ${service}.${type} as enum (${labels.map(literal).join(", ")})`);
      }
      await client.query(`import foreign schema ${service} from server ${service} into ${service};`);
    }
  });
  return {
    admin,
    drop: async () => {
      await onServer(server, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}
