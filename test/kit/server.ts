/**
 * A PostgreSQL server for tests, with a migrated template database from which each test file clones its own.
 * The runner starts one for all files; a file that is run by itself starts its own. `DATABASE_URL` uses a server that is
 * there. Commits are not flushed to disk here (the tests of crashes start the product itself, which does).
 */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import { openDatabase } from "../../src/app/database.ts";
import { allServices } from "../../src/app/services.ts";
import { readConfig } from "../../src/config.ts";
import type { Connection } from "../../src/platform/database.ts";
import { startPostgres } from "../../src/platform/embedded/postgres.ts";
import { prepareDatabase } from "../../src/platform/migrate.ts";

/** The roles of all test databases of a server are the same, so their secret is, too. */
export const ROLE_SECRET = "the roles of the test databases";
export const ROLE_PREFIX = "popug_test";

export type TestServer = { admin: Connection; template: string };

let server: Promise<TestServer> | undefined;

/** The server that the runner has started (told in `POPUG_TEST_SERVER`), or one of this process. */
export function testServer(): Promise<TestServer> {
  const given = process.env["POPUG_TEST_SERVER"];
  server ??=
    given === undefined ? startServer().then(({ stop: _, ...rest }) => rest) : Promise.resolve(JSON.parse(given));
  return server;
}

/** Starts a server and makes the template. It ends with this process at the latest. */
export async function startServer(): Promise<TestServer & { stop: () => Promise<void> }> {
  const own = process.env["DATABASE_URL"] ? await givenServer() : await embeddedServer();
  const template = `popug_template_${randomBytes(4).toString("hex")}`;
  await onServer(own.admin, (client) => client.query(`create database ${template} template template0 encoding 'UTF8'`));
  const admin = { ...own.admin, database: template };
  const services = allServices(readConfig({}, {}).settings);
  await prepareDatabase({ admin, rolePrefix: ROLE_PREFIX, roleSecret: ROLE_SECRET, demo: false }, services);
  await onServer(admin, async (client) => {
    // A clone is a database of its own, not a restored one: its epoch begins at 1.
    for (const service of services) await client.query(`delete from ${service.name}.log_source`);
  });
  return {
    admin: own.admin,
    template,
    stop: async () => {
      await onServer(own.admin, (client) => client.query(`drop database if exists ${template} with (force)`));
      await own.stop();
    },
  };
}

async function givenServer() {
  const database = await openDatabase(readConfig({}), pino({ level: "silent" }), () => {});
  return { admin: database.adminOf("auth"), stop: database.stop };
}

async function embeddedServer() {
  const folder = await mkdtemp(join(tmpdir(), "popug-test-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const postgres = await startPostgres({
    dataDir: join(folder, "postgres"),
    settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "400" },
  });
  return { admin: postgres.connection, stop: () => postgres.stop("fast") };
}

/** Runs something on a connection of the administrator. */
export async function onServer<T>(admin: Connection, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(admin);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A database of one's own, cloned from the template; `drop` removes it. */
export async function cloneDatabase(): Promise<{ admin: Connection; drop: () => Promise<void> }> {
  const { admin, template } = await testServer();
  const name = `popug_test_${randomBytes(6).toString("hex")}`;
  await onServer(admin, (client) => client.query(`create database ${name} template ${template}`));
  return {
    admin: { ...admin, database: name },
    drop: async () => {
      await onServer(admin, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}
