/** What a command has in its hands on the machine itself: the database as an administrator, auth as its own role. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import type { Config } from "../../config.ts";
import { openPool, sqlOn } from "../../platform/database.ts";
import { connectionOf, type Installation, prepareDatabase } from "../../platform/migrate.ts";
import { type RunningService, runService } from "../../platform/run-service.ts";
import type { Sql } from "../../platform/service.ts";
import { authService } from "../../services/auth/service.ts";
import { type Database, openDatabase } from "../database.ts";
import { secret } from "../secrets.ts";
import { allServices } from "../services.ts";
import type { InstanceNote } from "../start.ts";
import { CommandFailed } from "./command-failed.ts";
import { findInstance } from "./instance.ts";

/** Commands say what went wrong in a sentence; what a service would log besides is not for people. */
const silent = pino({ level: "silent" });

const roleSecretOf = ({ settings: { secretsDir, secretFiles } }: Config) =>
  secret(secretsDir, "database-roles", secretFiles.databaseRolesFile);

/** The installation of a running instance, as this machine can see it. */
export async function installationOf(config: Config, note: InstanceNote): Promise<Installation> {
  return {
    admin: note.database,
    rolePrefix: note.rolePrefix,
    roleSecret: await roleSecretOf(config),
    demo: note.settings.demo,
  };
}

/**
 * Runs `work` with the installation's database: that of the running instance, else the embedded one is started for the
 * time of the work. `create`: a database that is not there yet is made and migrated.
 */
export async function withInstallation<T>(
  config: Config,
  create: boolean,
  work: (installation: Installation, running: InstanceNote | undefined) => Promise<T>,
): Promise<T> {
  const { dataDir } = config.settings;
  const running = await findInstance(dataDir);
  if (running !== undefined) return work(await installationOf(config, running), running);
  if (!create && config.databaseUrl === null && !existsSync(join(dataDir, "postgres"))) {
    throw new CommandFailed(`There is no Popug in ${dataDir}; POPUG_DATA names another folder.`);
  }
  const roleSecret = await roleSecretOf(config);
  const database: Database = await openDatabase(config, silent, () => {});
  try {
    const installation = {
      admin: database.admin,
      rolePrefix: config.rolePrefix,
      roleSecret,
      demo: config.settings.demo,
    };
    if (create) await prepareDatabase(installation, allServices(config.settings));
    return await work(installation, undefined);
  } finally {
    await database.stop();
  }
}

/** Runs `work` with auth as it is in the running system, except that nothing moves by itself here. */
export async function withAuth<T>(
  config: Config,
  installation: Installation,
  work: (auth: RunningService) => Promise<T>,
): Promise<T> {
  const auth = runService(authService(config.settings), {
    connection: connectionOf(installation, "auth"),
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
