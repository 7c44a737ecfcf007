/**
 * Prepares a database: roles, schemas, migrations, rights. Safe to run at every start and from several processes at once.
 *
 * Least privilege: one login role per service with rights in its own schema only, plus SELECT on the logs it reads;
 * migrations belong to an owner role that nobody logs in as.
 */
import { createHash, createHmac } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import pg from "pg";
import { type Connection, openClient, sqlOn } from "./database.ts";
import type { Service, Sql } from "./service.ts";
import { StartRefused } from "./start-refused.ts";

export type Installation = {
  /** As whom the roles and schemas are made: a superuser, or somebody who may create roles and schemas. */
  admin: Connection;
  /** Begins the names of all roles (roles are shared by all databases of a server). */
  rolePrefix: string;
  /** The secret from which the roles' passwords follow. */
  roleSecret: string;
  demo: boolean;
};

/** The role that may read every log, and nothing else. */
export const READER = "reader";

/** How a service (or the reader) logs in. */
export function connectionOf(installation: Installation, name: string): Connection {
  return {
    ...installation.admin,
    user: `${installation.rolePrefix}_${name}`,
    password: createHmac("sha256", installation.roleSecret).update(`database role ${name}`).digest("base64url"),
  };
}

const MIGRATION_LOCK = 7_070_707;
const INSUFFICIENT_PRIVILEGE = "42501";
const IS_THERE = ["23505", "42710"];

/**
 * @param services those that live in this database; whoever reads their logs from elsewhere comes as the reader
 * @throws StartRefused with a sentence when the database cannot be used as it is.
 */
export async function prepareDatabase(installation: Installation, services: readonly Service[]): Promise<void> {
  const client = await connectAsAdmin(installation);
  const sql = sqlOn(client);
  const run: Run = (text) => client.query(text);
  try {
    await assertUsable(sql);
    await sql("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    const owner = `${installation.rolePrefix}_owner`;
    await ensureRoles(sql, installation, owner, [...services.map((service) => service.name), READER]);
    await migrateSchema(sql, run, {
      schema: "popug",
      owner,
      role: owner,
      folders: [new URL("./installation/", import.meta.url)],
    });
    await ensureInstallation(sql, installation.demo);
    for (const service of services) {
      const role = `${installation.rolePrefix}_${service.name}`;
      await migrateSchema(sql, run, { schema: service.name, owner, role, folders: foldersOf(service) });
      await grantOwnSchema(sql, service.name, role);
    }
    await grantAcross(sql, installation, services);
    await ensureSources(sql, services);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === INSUFFICIENT_PRIVILEGE)) throw error;
    throw new StartRefused(
      `The user ${installation.admin.user} may do too little in this database: ${error.message}. It has to own the ` +
        "database and be allowed to create roles (CREATEROLE).",
      { cause: error },
    );
  } finally {
    await client.end();
  }
}

/** @throws StartRefused when the database cannot be reached */
export async function connectAsAdmin({ admin }: Installation): Promise<pg.Client> {
  try {
    return await openClient(admin);
  } catch (error) {
    throw new StartRefused(`The database cannot be reached: ${(error as Error).message}.`, { cause: error });
  }
}

async function assertUsable(sql: Sql): Promise<void> {
  const [server] = await sql<ServerFacts>(
    `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding,
            pg_is_in_recovery() as standby`,
  );
  const why = server === undefined ? "The server does not say what it is." : whyUnusable(server);
  if (why !== undefined) throw new StartRefused(why);
}

export type ServerFacts = { version: number; encoding: string; standby: boolean };

/** Why Popug cannot work on such a database, in a sentence; undefined: it can. */
export function whyUnusable({ version, encoding, standby }: ServerFacts): string | undefined {
  if (version < 150_000) return "PostgreSQL 15 or newer is needed; this server is older.";
  if (encoding !== "UTF8") return `The database's encoding is ${encoding}; it has to be UTF8.`;
  if (standby) return "This PostgreSQL server is a standby; Popug only works on the primary.";
  return undefined;
}

async function ensureRoles(
  sql: Sql,
  installation: Installation,
  owner: string,
  names: readonly string[],
): Promise<void> {
  const fingerprint = createHash("sha256").update(installation.roleSecret).digest("hex").slice(0, 16);
  const note = `Popug installation ${fingerprint}`;
  const known = async (role: string) =>
    (
      await sql<{ note: string | null }>(
        "select shobj_description(oid, 'pg_authid') as note from pg_roles where rolname = $1",
        [role],
      )
    )[0];
  const create = async (role: string, attributes: string) => {
    if ((await known(role)) === undefined) {
      await sql("begin");
      try {
        await sql(`create role ${pg.escapeIdentifier(role)} ${attributes}`);
        await sql(`comment on role ${pg.escapeIdentifier(role)} is ${pg.escapeLiteral(note)}`);
        return await sql("commit");
      } catch (error) {
        await sql("rollback");
        // Roles belong to the server: while another of its databases is prepared, somebody may be quicker.
        if (!isThere(error)) throw error;
      }
    }
    if ((await known(role))?.note !== note) {
      throw new StartRefused(
        `The role ${role} of this server was made with other secrets. Processes of one installation share the folder ` +
          "POPUG_SECRETS; another installation needs another prefix in POPUG_DB_ROLES.",
      );
    }
  };
  await create(owner, "nologin");
  for (const name of names) {
    const { user, password } = connectionOf(installation, name);
    await create(user, `login password ${pg.escapeLiteral(password ?? "")}`);
  }
  await sql(`grant ${pg.escapeIdentifier(owner)} to current_user`).catch((error: unknown) => {
    if (!isThere(error)) throw error;
  });
  const [database] = await sql<{ name: string }>("select current_database() as name");
  await sql(`grant create on database ${pg.escapeIdentifier(database?.name ?? "")} to ${pg.escapeIdentifier(owner)}`);
}

const isThere = (error: unknown) => error instanceof pg.DatabaseError && IS_THERE.includes(error.code ?? "");

/** What every service has in its schema: outbox, log, cursors, dead letters. */
export const machinery = new URL("./migrations/", import.meta.url);

/** All migrations of a service, in their order. */
export const foldersOf = (service: Service): readonly URL[] => [machinery, ...service.migrations];

/** Runs a file of many statements, which cannot be prepared and so does not go through `Sql`. */
export type Run = (text: string) => Promise<unknown>;

type SchemaPlan = { schema: string; owner: string; role: string; folders: readonly URL[] };

/** Brings a schema up to the last file of `folders`. @throws StartRefused where its data is of another version */
export async function migrateSchema(sql: Sql, run: Run, plan: SchemaPlan): Promise<void> {
  const schema = pg.escapeIdentifier(plan.schema);
  await sql(`set role ${pg.escapeIdentifier(plan.owner)}`);
  await sql(`create schema if not exists ${schema}`);
  await sql(`set search_path = ${schema}`);
  await sql(
    "create table if not exists migration (name text primary key, checksum text not null, at timestamptz default now())",
  );
  const applied = new Map(
    (await sql<{ name: string; checksum: string }>("select name, checksum from migration")).map((m) => [
      m.name,
      m.checksum,
    ]),
  );
  const pending: { name: string; checksum: string; text: string }[] = [];
  for (const folder of plan.folders) {
    const files = (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort();
    for (const file of files) {
      const name = `${folder.pathname.split("/").slice(-3, -1).join("/")}/${file}`;
      const text = await readFile(new URL(file, folder), "utf8");
      const checksum = createHash("sha256").update(text).digest("hex");
      const before = applied.get(name);
      applied.delete(name);
      if (before === checksum) continue;
      if (before !== undefined) {
        throw new StartRefused(
          `The migration ${name} was changed after it ran here. A migration is never edited: add a new one.`,
        );
      }
      pending.push({ name, checksum, text: fill(text, plan) });
    }
  }
  const unknown = [...applied.keys()];
  if (unknown.length > 0) {
    throw new StartRefused(
      `The data was written by a newer Popug (it has ${unknown.join(", ")}, which this one does not know). Use that version.`,
    );
  }
  // Only now: data that is refused is left as it is.
  for (const { name, checksum, text } of pending) await runMigration(sql, run, name, checksum, text);
  await sql("reset role");
}

async function runMigration(sql: Sql, run: Run, name: string, checksum: string, text: string): Promise<void> {
  await sql("begin");
  try {
    await run(text);
    await sql("insert into migration (name, checksum) values ($1, $2)", [name, checksum]);
    await sql("commit");
  } catch (error) {
    await sql("rollback");
    throw new Error(`migration ${name} failed: ${(error as Error).message}`, { cause: error });
  }
}

function fill(text: string, plan: SchemaPlan): string {
  return text
    .replaceAll("{{schema}}", pg.escapeIdentifier(plan.schema))
    .replaceAll("{{role}}", pg.escapeIdentifier(plan.role));
}

async function ensureInstallation(sql: Sql, demo: boolean): Promise<void> {
  await sql("insert into popug.installation (demo) values ($1) on conflict do nothing", [demo]);
  const [row] = await sql<{ demo: boolean }>("select demo from popug.installation");
  if (demo && row?.demo === false) {
    throw new StartRefused("This data folder holds a real company. A demo needs a folder of its own: set POPUG_DATA.");
  }
}

/**
 * What a service may do in its own schema: everything with rows, but what is append-only stays as it was written. A table
 * of which it may do that already is left alone: while a copy that runs changes it (its first partition, say), PostgreSQL
 * refuses a grant on it as "concurrently updated".
 */
export async function grantOwnSchema(sql: Sql, schema: string, role: string): Promise<void> {
  const to = pg.escapeIdentifier(role);
  const name = pg.escapeIdentifier(schema);
  const tables = await sql<{ table: string; note: string | null }>(
    `select c.relname as table, obj_description(c.oid, 'pg_class') as note
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind in ('r', 'p', 'v') and not c.relispartition and c.relname <> 'migration'
        and not has_table_privilege($2::name, c.oid, case when obj_description(c.oid, 'pg_class') like '%append-only%'
                                                         then 'insert' else 'delete' end)`,
    [schema, role],
  );
  const list = (only: (note: string) => boolean) =>
    tables
      .filter(({ note }) => only(note ?? ""))
      .map(({ table }) => `${name}.${pg.escapeIdentifier(table)}`)
      .join(", ");
  const appendOnly = list((note) => note.includes("append-only"));
  const others = list((note) => !note.includes("append-only"));
  await sql(`grant usage on schema ${name}, popug to ${to}`);
  if (appendOnly) await sql(`grant select, insert on ${appendOnly} to ${to}`);
  if (others) await sql(`grant select, insert, update, delete on ${others} to ${to}`);
  await sql(`grant usage on all sequences in schema ${name} to ${to}`);
  await sql(`revoke execute on all functions in schema ${name} from public`);
  await sql(`grant execute on all functions in schema ${name} to ${to}`);
  await sql(`grant select on popug.installation to ${to}`);
}

/** What crosses schemas: the published logs, for those who read them. */
async function grantAcross(sql: Sql, installation: Installation, services: readonly Service[]): Promise<void> {
  const role = (name: string) => pg.escapeIdentifier(`${installation.rolePrefix}_${name}`);
  for (const source of services) {
    const readers = services.filter((s) => s.name !== source.name && s.consumers.some((c) => c.source === source.name));
    for (const reader of [...readers.map((r) => role(r.name)), role(READER)]) {
      const schema = pg.escapeIdentifier(source.name);
      await sql(`grant usage on schema ${schema} to ${reader}`);
      const state = source.tellsState ? `, ${schema}.state` : "";
      await sql(`grant select on ${schema}.published, ${schema}.published_head${state} to ${reader}`);
    }
  }
  // Only the administrator moves a demo's clock.
  await sql("revoke execute on function popug.move_clock(interval) from public");
  await sql(`grant usage on schema popug to ${role(READER)}`);
  await sql(`grant select on popug.installation to ${role(READER)}`);
}

/**
 * Positions compare only within one epoch. When the database is not the one in which they were given (restored from a
 * dump, a promoted standby), the epoch is raised. A restored copy of the files looks the same: `raiseEpoch` is for that.
 * The timeline is that of what is written now: the checkpoint that tells it comes minutes after a promotion.
 */
async function ensureSources(sql: Sql, services: readonly Service[]): Promise<void> {
  const [here] = await sql<{ id: string }>(
    `select s.system_identifier || '/' || ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int
            || '/' || d.oid as id
       from pg_control_system() s, pg_database d where d.datname = current_database()`,
  );
  for (const service of services) {
    await sql(
      `insert into ${pg.escapeIdentifier(service.name)}.log_source as s (database_id) values ($1)
       on conflict (only_one) do update set database_id = excluded.database_id, epoch = s.epoch + 1
       where s.database_id <> excluded.database_id`,
      [here?.id ?? ""],
    );
  }
}

/** For `popug restored`: says that the data was set back to an earlier state. */
export async function raiseEpoch(sql: Sql, services: readonly Service[]): Promise<void> {
  for (const service of services)
    await sql(`update ${pg.escapeIdentifier(service.name)}.log_source set epoch = epoch + 1`);
}
