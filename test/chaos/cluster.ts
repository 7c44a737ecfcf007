/** Many processes, with a way to each server that can be cut: what the faults of a campaign happen to. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type pg from "pg";
import { startBrokers } from "../../cluster/brokers.ts";
import { openPool, sqlOn } from "../../src/platform/database.ts";
import { type EmbeddedPostgres, startPostgres } from "../../src/platform/embedded/postgres.ts";
import type { Sql } from "../../src/platform/service.ts";
import { startLoad, type Workplace } from "../campaigns/load.ts";
import { requestsTo } from "../campaigns/requests.ts";
import { openWhole, SERVICES } from "../kit/databases.ts";
import { noonZone } from "../kit/noon.ts";
import type { Random } from "../kit/random.ts";
import { type Copy, layOut } from "../kit/processes.ts";
import { type Link, openLink } from "../kit/tcp-proxy.ts";
import { until } from "../kit/until.ts";

/** Two copies of each; people come in at the first two. */
const LAYOUT = [
  ["auth", "analytics", "notifications"],
  ["auth", "analytics", "notifications"],
  ["tasks", "accounting"],
  ["tasks", "accounting"],
];
/** Servers are stopped here, machines are not: what was written outlives that without being flushed. */
const POSTGRES = { fsync: "off", shared_buffers: "32MB" };
const BACK_WITHIN_MS = 180_000;
const CLIENTS = 6;
/** People think between two commands; the machine has three brokers, five servers and four processes to run. */
const REST_MS = 300;
const script = resolve(import.meta.dirname, "../../bin/run.mjs");
const main = resolve(import.meta.dirname, "../../src/main.ts");

export type Server = {
  services: readonly string[];
  /** An immediate stop: it ends as in a crash. */
  crash: () => Promise<void>;
  /** Recovers where it was. */
  start: () => Promise<void>;
};

export type Cluster = Awaited<ReturnType<typeof startCluster>>;

export type ClusterOptions = {
  /** 2: one PostgreSQL server for all; 3: one for each service, and events through three Kafka brokers. */
  size: 2 | 3;
  /** Another version, where that is checked out: what copies are started from at first. */
  tree?: string;
};

export async function startCluster(options: ClusterOptions) {
  const undo: (() => unknown)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return { ...(await start(undo, options)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(undo: (() => unknown)[], { size, tree }: ClusterOptions) {
  const folder = await mkdtemp(join(tmpdir(), "popug-chaos-"));
  undo.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const secretsDir = join(folder, "secrets");
  await mkdir(secretsDir, { mode: 0o700 });
  await writeFile(join(secretsDir, "database-roles"), randomBytes(32).toString("base64url"), { mode: 0o600 });
  const link = async (target: Parameters<typeof openLink>[0]): Promise<Link> => {
    const opened = await openLink(target);
    undo.push(opened.close);
    return opened;
  };
  const brokerLinks: Link[] = [];
  const through = async (port: number) => {
    const opened = await link({ host: "127.0.0.1", port });
    brokerLinks.push(opened);
    return opened.port;
  };
  const kafka = size === 3 ? await startBrokers(join(folder, "kafka"), { through }) : null;
  if (kafka !== null) undo.push(kafka.stop);

  const parts = size === 3 ? SERVICES.map((service) => [service]) : [SERVICES];
  const servers = await Promise.all(parts.map((part, n) => serverOf(part, join(folder, `postgres${n}`))));
  undo.push(() => Promise.all(servers.map((server) => server.crash())));
  const serverFor = (service: string) =>
    servers.find(({ services }) => services.includes(service)) ?? assert.fail(service);
  /** By copy, and by server. */
  const databaseLinks: Map<Server, Link>[] = [];
  for (const _ of LAYOUT) {
    const ways = new Map<Server, Link>();
    for (const server of servers) {
      const { host, port } = server.connection;
      ways.set(server, await link({ path: `${host}/.s.PGSQL.${port}` }));
    }
    databaseLinks.push(ways);
  }
  const env = {
    ...(kafka !== null && { KAFKA_BROKERS: kafka.addresses }),
    POPUG_DATA: folder,
    POPUG_TIME_ZONE: noonZone,
    POPUG_DB_POOL: "5",
    POPUG_RATE: "100000",
    POPUG_LOG: process.env["POPUG_LOG"] ?? "error",
  };
  const urls = (urlOf: (server: (typeof servers)[number]) => string) =>
    Object.fromEntries(SERVICES.map((name) => [`DATABASE_URL_${name.toUpperCase()}`, urlOf(serverFor(name))]));
  const processes = await layOut(LAYOUT, env, (index) =>
    urls((server) => `postgres://postgres@127.0.0.1:${databaseLinks[index]?.get(server)?.port}/postgres`),
  );
  const { copies } = processes;
  undo.push(processes.stop);
  await Promise.all(copies.map((copy) => copy.start(tree)));

  const pools = new Map<Server, pg.Pool>();
  const ownerOf = (service: string): Sql => {
    const server = serverFor(service);
    const pool =
      pools.get(server) ?? openPool(server.connection, { schema: "popug", size: 4, name: "test", onError: () => {} });
    pools.set(server, pool);
    return sqlOn(pool);
  };
  undo.push(() => Promise.all([...pools.values()].map((pool) => pool.end())));

  const ask = requestsTo({ publicUrl: processes.url, secretsDir }, (...query) => ownerOf("auth")(...query));
  const entries = copies.filter(({ services }) => services.includes("auth"));
  let turn = 0;
  const said = () =>
    copies
      .map((copy) => [`-- ${copy.services.join()} at ${copy.url}`, ...newest(copy)])
      .flat()
      .join("\n");
  const workplace: Workplace = {
    said,
    /** At one entry after the other. */
    request: (...what) => ask(entries[turn++ % entries.length]?.url ?? "", ...what),
  };
  return {
    ...workplace,
    dataDir: folder,
    kafka,
    brokers: kafka?.each ?? [],
    brokerLinks,
    servers: servers as readonly Server[],
    databaseLinks,
    copies,
    ownerOf,
    /** People begin to work. */
    startLoad: (random: Random) => startLoad(workplace, random, CLIENTS, REST_MS),
    /** As who keeps processes alive does: started until it is ready. */
    bringBack: (copy: Copy) =>
      until(
        async () => {
          try {
            await copy.start();
            return true;
          } catch {
            await copy.signal("SIGKILL");
            return undefined;
          }
        },
        { withinMs: BACK_WITHIN_MS, everyMs: 500, late: () => `a copy does not come back:\n${copy.said()}` },
      ),
    /** Asks the tables of all servers as if they were one's. */
    withWhole: async (work: (owner: Sql) => Promise<void>) => {
      if (servers.length === 1) return work(ownerOf("auth"));
      const whole = await openWhole((service) => serverFor(service).connection);
      const pool = openPool(whole.admin, { schema: "popug", size: 4, name: "test", onError: () => {} });
      try {
        await work(sqlOn(pool));
      } finally {
        await pool.end();
        await whole.drop();
      }
    },
    /** The command line, past all links; its standard output. */
    popug: async (...args: string[]) => {
      const direct = urls(
        ({ connection: { host, port, user, database } }) =>
          `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`,
      );
      const options = { env: { PATH: process.env["PATH"], ...env, ...direct }, maxBuffer: 64 * 2 ** 20 };
      return (await promisify(execFile)(process.execPath, [script, main, ...args], options)).stdout;
    },
  };
}

/** The newest lines; those of errors hold stacks of many. */
const newest = (copy: Copy) =>
  copy
    .said()
    .split("\n")
    .slice(-12)
    .map((line) => line.slice(0, 600));

async function serverOf(services: readonly string[], dataDir: string) {
  let running: EmbeddedPostgres = await startPostgres({ dataDir, settings: POSTGRES });
  const { connection } = running;
  return {
    services,
    connection,
    crash: () => running.stop("immediate"),
    start: async () => {
      running = await startPostgres({ dataDir, settings: POSTGRES, socketFolder: connection.host });
    },
  };
}
