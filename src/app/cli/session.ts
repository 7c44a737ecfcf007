/** What a command has in its hands on the machine itself: the database as an administrator, auth as its own role. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import type { Config } from "../../config.ts";
import { type Connection, openPool, sqlOn } from "../../platform/database.ts";
import { connectionOf, type Installation, prepareDatabase } from "../../platform/migrate.ts";
import { type RunningService, runService } from "../../platform/run-service.ts";
import type { Sql } from "../../platform/service.ts";
import { authService } from "../../services/auth/service.ts";
import { type Database, openDatabase } from "../database.ts";
import { type Home, type Homes, homesOf } from "../homes.ts";
import { secret } from "../secrets.ts";
import { allServices } from "../services.ts";
import type { InstanceNote } from "../start.ts";
import { CommandFailed } from "./command-failed.ts";
import { findInstance } from "./instance.ts";

/** Commands say what went wrong in a sentence; what a service would log besides is not for people. */
const silent = pino({ level: "silent" });

const roleSecretOf = ({ settings: { secretsDir, secretFiles } }: Config) =>
  secret(secretsDir, "database-roles", secretFiles.databaseRolesFile);

/** The databases of a running instance, as this machine can see them. */
export async function homesOfInstance(
  config: Config,
  { databases, rolePrefix, settings }: InstanceNote,
): Promise<Homes> {
  const roles = { rolePrefix, roleSecret: await roleSecretOf(config), demo: settings.demo };
  return homesOf(allServices(config.settings), (service) => databases[service] as Connection, roles);
}

/**
 * Runs `work` with the installation's databases: those of the running instance, else the embedded one is started for the
 * time of the work. `create`: a database that is not there yet is made and migrated.
 */
export async function withInstallation<T>(
  config: Config,
  create: boolean,
  work: (homes: Homes, running: InstanceNote | undefined) => Promise<T>,
): Promise<T> {
  const { dataDir } = config.settings;
  const running = await findInstance(dataDir);
  if (running !== undefined) return work(await homesOfInstance(config, running), running);
  if (!create && config.databases === null && !existsSync(join(dataDir, "postgres"))) {
    throw new CommandFailed(`There is no Popug in ${dataDir}; POPUG_DATA names another folder.`);
  }
  const roleSecret = await roleSecretOf(config);
  const database: Database = await openDatabase(config, silent, () => {});
  try {
    const roles = { rolePrefix: config.rolePrefix, roleSecret, demo: config.settings.demo };
    const homes = homesOf(allServices(config.settings), database.adminOf, roles);
    if (create) for (const home of homes.all) await prepareDatabase(home.installation, home.services);
    return await work(homes, undefined);
  } finally {
    await database.stop();
  }
}

/** Runs `work` with auth as it is in the running system, except that nothing moves by itself here. */
export async function withAuth<T>(
  config: Config,
  homes: Homes,
  work: (auth: RunningService) => Promise<T>,
): Promise<T> {
  const auth = runService(authService(config.settings), {
    connection: connectionOf(homes.of("auth").installation, "auth"),
    poolSize: 2,
    log: silent,
    contracts: [],
  });
  try {
    return await work(auth);
  } finally {
    await auth.stop();
  }
}

/**
 * Runs `work` on one connection with the owner's rights, names resolving in `schema`, in one transaction. `snapshot`: what
 * it reads is of one moment; it writes nothing but tables of its own session.
 */
export async function asOwner<T>(
  installation: Installation,
  options: { schema: string; access: "write" | "snapshot" },
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  const pool = openPool(installation.admin, { schema: options.schema, size: 1, name: "command", onError: () => {} });
  try {
    const client = await pool.connect().catch((error: Error) => {
      throw new CommandFailed(`The database cannot be reached: ${error.message}.`);
    });
    try {
      const sql = sqlOn(client);
      const [found] = await sql<{ there: boolean }>("select to_regclass('popug.installation') is not null as there");
      if (found?.there !== true) throw new CommandFailed("This database holds no Popug yet; start it once.");
      const level = options.access === "snapshot" ? "repeatable read" : "read committed";
      await client.query(`begin transaction isolation level ${level}`);
      await client.query("set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0");
      await client.query(`set local role ${pg.escapeIdentifier(`${installation.rolePrefix}_owner`)}`);
      const result = await work(sql);
      await client.query("commit");
      return result;
    } finally {
      client.release(true);
    }
  } finally {
    await pool.end();
  }
}

/** Statements in the database of a service. */
export type SqlOf = (service: string) => Sql;

/**
 * Runs `work` on a snapshot of each database. `logOf` reads the log of a source as somebody who lives elsewhere has to: in
 * a snapshot that was taken after all others, so that it holds whatever they have read. With one database it is the same.
 */
export async function withSnapshots<T>(
  homes: Homes,
  schema: string,
  work: (stateOf: SqlOf, logOf: SqlOf) => Promise<T>,
): Promise<T> {
  const open = async <R>(
    left: readonly Home[],
    taken: Map<Home, Sql>,
    then: (sqlOf: SqlOf) => Promise<R>,
  ): Promise<R> => {
    const [home, ...others] = left;
    if (home === undefined) return then((service) => taken.get(homes.of(service)) as Sql);
    return asOwner(home.installation, { schema, access: "snapshot" }, async (sql) => {
      // A snapshot is taken by the first statement that reads.
      await sql("select 1");
      return open(others, taken.set(home, sql), then);
    });
  };
  return open(homes.all, new Map(), (stateOf) =>
    homes.all.length === 1 ? work(stateOf, stateOf) : open(homes.all, new Map(), (logOf) => work(stateOf, logOf)),
  );
}
