/** The databases of this process: servers of one's own, or the embedded one, kept alive. */
import { join } from "node:path";
import pg from "pg";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { type Connection, openClient } from "../platform/database.ts";
import { startPostgres, type EmbeddedPostgres } from "../platform/embedded/postgres.ts";

export type Database = {
  /** As whom roles, schemas and migrations of a service are made; equal for services that share a database. */
  adminOf: (service: string) => Connection;
  /** Sentences for the start message. */
  notes: string[];
  /** Process id of the embedded server's postmaster, null with a server of one's own. */
  pid: () => number | null;
  stop: () => Promise<void>;
};

/** The embedded server is started again after a crash, at most so often within the time below. */
const MAX_RESTARTS = 5;
const RESTARTS_WITHIN_MS = 60_000;

/** @param onLost called when the embedded server is gone and does not come back */
export async function openDatabase(config: Config, log: Logger, onLost: (reason: Error) => void): Promise<Database> {
  if (config.databases === null) return embedded(config, log, onLost);
  const { shared, own } = config.databases;
  return {
    adminOf: (service) => {
      const url = own[service] ?? shared;
      if (url === null) throw new Error(`${service} has no database`);
      return fromUrl(url);
    },
    notes: [],
    pid: () => null,
    stop: async () => {},
  };
}

function fromUrl(text: string): Connection {
  const url = new URL(text);
  const mode = url.searchParams.get("sslmode") ?? "prefer";
  return {
    host: url.searchParams.get("host") ?? decodeURIComponent(url.hostname),
    port: Number(url.port || url.searchParams.get("port") || 5432),
    database: decodeURIComponent(url.pathname.slice(1)),
    user: decodeURIComponent(url.username || "postgres"),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    ...(["require", "verify-ca", "verify-full"].includes(mode) && { ssl: { rejectUnauthorized: mode !== "require" } }),
  };
}

async function embedded(config: Config, log: Logger, onLost: (reason: Error) => void): Promise<Database> {
  const dataDir = join(config.settings.dataDir, "postgres");
  const start = (socketFolder?: string) =>
    startPostgres({ dataDir, log: (line) => log.info(line), ...(socketFolder !== undefined && { socketFolder }) });
  let server: EmbeddedPostgres = await start();
  let stopping = false;
  let restarting: Promise<void> = Promise.resolve();
  const restarts: number[] = [];

  const watch = (running: EmbeddedPostgres) => {
    void running.died.then((reason) => {
      if (stopping) return;
      log.error({ err: reason }, "the database server ended");
      const now = Date.now();
      restarts.push(now);
      if (restarts.filter((at) => now - at < RESTARTS_WITHIN_MS).length > MAX_RESTARTS) return onLost(reason);
      // The same socket folder: the pools of the services find the new server where the old one was.
      restarting = start(running.connection.host).then(
        (next) => {
          server = next;
          watch(next);
        },
        (error: unknown) => onLost(error as Error),
      );
    });
  };
  watch(server);

  await createDatabase(server.connection, "popug");
  const admin = { ...server.connection, database: "popug" };
  return {
    adminOf: () => admin,
    notes: server.notes,
    pid: () => server.pid,
    stop: async () => {
      stopping = true;
      await restarting;
      await server.stop("fast");
    },
  };
}

async function createDatabase(connection: Connection, name: string): Promise<void> {
  const client = await openClient(connection);
  try {
    const found = await client.query("select 1 from pg_database where datname = $1", [name]);
    if (found.rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
