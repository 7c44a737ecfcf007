/**
 * Accounting alone, on a database of its own, beside sources that say exactly what a test wants: every event, its period
 * and its place are chosen. Nothing moves by itself; `settle` runs what there is to do.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import { v7 as uuidv7 } from "uuid";
import { readConfig } from "../../../src/config.ts";
import { userCreatedV1 } from "../../../src/contracts/auth/user.created.v1.ts";
import { userUpdatedV1 } from "../../../src/contracts/auth/user.updated.v1.ts";
import { taskCreatedV1 } from "../../../src/contracts/tasks/task.created.v1.ts";
import { taskCreatedV2 } from "../../../src/contracts/tasks/task.created.v2.ts";
import { taskRegistrationEndedV1 } from "../../../src/contracts/tasks/task.registration-ended.v1.ts";
import { taskUpdatedV2 } from "../../../src/contracts/tasks/task.updated.v2.ts";
import { createConsumer } from "../../../src/platform/consumer.ts";
import { type Connection, openPool, sqlOn } from "../../../src/platform/database.ts";
import { startPostgres } from "../../../src/platform/embedded/postgres.ts";
import { postgresLog } from "../../../src/platform/log.ts";
import { connectionOf, type Installation, prepareDatabase } from "../../../src/platform/migrate.ts";
import { runService, type RunningService } from "../../../src/platform/run-service.ts";
import type { Emit, Service, Sql } from "../../../src/platform/service.ts";
import type { Transact } from "../../../src/platform/transact.ts";
import { accountingService } from "../../../src/services/accounting/service.ts";
import type { Settings } from "../../../src/settings.ts";

export const settings: Settings = {
  ...readConfig({ demo: true }, {}).settings,
  timeZone: "Europe/Berlin",
  currency: "USD",
  feeRange: { from: 10, to: 20 },
  rewardRange: { from: 20, to: 40 },
};

const noMigrations = { migrations: [], consumers: [], jobs: [], routes: [] };
const sources: Service[] = [
  { name: "auth", publishes: [userCreatedV1, userUpdatedV1], ...noMigrations },
  { name: "tasks", publishes: [taskCreatedV1, taskCreatedV2, taskUpdatedV2, taskRegistrationEndedV1], ...noMigrations },
];

let ownServer: Promise<Connection> | undefined;

/** The server that the runner has started, or one of this process (which ends with it). */
function server(): Promise<Connection> {
  const given = process.env["POPUG_TEST_SERVER"];
  ownServer ??= given === undefined ? startOwn() : Promise.resolve((JSON.parse(given) as { admin: Connection }).admin);
  return ownServer;
}

async function startOwn(): Promise<Connection> {
  const folder = await mkdtemp(join(tmpdir(), "popug-books-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const dataDir = join(folder, "postgres");
  return (await startPostgres({ dataDir, settings: { fsync: "off", synchronous_commit: "off" } })).connection;
}

export type Books = {
  installation: Installation;
  services: Service[];
  accounting: RunningService;
  tasks: RunningService;
  /** As the administrator, names resolving in accounting's schema. */
  owner: Sql;
  /** Runs statements as the administrator, then one more; all is taken back. What that last one was refused with, if it was. */
  undone: (before: string[], last: string) => Promise<string | undefined>;
  /** Runs statements as the administrator and something after them; all is taken back. */
  within: <T>(before: string[], work: (sql: Sql) => Promise<T>) => Promise<T>;
  /** As accounting's own role. */
  role: Sql;
  /** Says something in the name of tasks, in one transaction. */
  say: (work: (emit: Emit) => void) => Promise<void>;
  /** Says something in the name of auth. */
  sayUser: (work: (emit: Emit) => void) => Promise<void>;
  /** Sequencers only: what was said stands in the logs. */
  log: () => Promise<void>;
  /** Everything, until nothing is left to do. */
  settle: () => Promise<void>;
  /** A second copy of accounting on the same database, as another process would be. */
  another: () => Promise<RunningService>;
  /** Runs something as the administrator in a transaction that is kept. */
  kept: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;
  /** Books what stands in the log of tasks in one batch, each statement through `wrap`. */
  consumeThrough: (wrap: (sql: Sql) => Sql) => Promise<void>;
  /** The consumer of task events, split into one that can be run for each partition. */
  lanes: () => (() => Promise<number>)[];
  stop: () => Promise<void>;
};

/** `segmentSize`: so many positions of a log make a segment, instead of a million. */
export async function openBooks(
  options: { batchSize?: number; settings?: Partial<Settings>; segmentSize?: number } = {},
): Promise<Books> {
  const base = await server();
  const name = `popug_books_${randomBytes(5).toString("hex")}`;
  const onBase = async (text: string) => {
    const client = new pg.Client(base);
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  };
  await onBase(`create database ${name} template template0 encoding 'UTF8'`);
  const installation = {
    admin: { ...base, database: name },
    rolePrefix: "popug_test",
    roleSecret: "the roles of the test databases",
    demo: true,
  };
  const services = [...sources, accountingService({ ...settings, ...options.settings })];
  await prepareDatabase(installation, services);
  if (options.segmentSize !== undefined) await makeSegments(installation.admin, services, options.segmentSize);
  const contracts = [taskCreatedV1, ...services.flatMap((service) => service.publishes)];
  const log = pino({ level: process.env["POPUG_LOG"] ?? "silent" });
  const run = (service: Service) =>
    runService(service, {
      connection: connectionOf(installation, service.name),
      poolSize: 4,
      log,
      contracts: [...new Set(contracts)],
      ...(options.batchSize !== undefined && { batchSize: options.batchSize }),
    });
  const running = services.map(run);
  const [auth, tasks, accounting] = running;
  assert(auth && tasks && accounting);
  const consumer = accounting.service.consumers.find(({ name }) => name === "on-task");
  assert(consumer);
  const { sql, transact } = accounting;
  const onTask = { consumer, reader: postgresLog(sql, "tasks"), sql, transact, log, versions: contracts };
  const ownerPool = openPool(installation.admin, { schema: "accounting", size: 2, name: "test", onError: () => {} });
  const say = (service: RunningService) => async (work: (emit: Emit) => void) => {
    const origin = { correlationId: uuidv7(), actor: "system:test" as const, command: "test", traceparent: null };
    await service.transact(origin, async (ctx) => work(ctx.emit));
  };
  const within: Books["within"] = async (before, work) => {
    const client = await ownerPool.connect();
    try {
      await client.query("begin");
      for (const text of before) await client.query(text);
      return await work(sqlOn(client));
    } finally {
      await client.query("rollback");
      client.release();
    }
  };
  const passAll = async (services: RunningService[]) => {
    for (;;) {
      let did = 0;
      for (const service of services) did += await service.pass();
      if (did === 0) return;
    }
  };
  return {
    installation,
    services,
    accounting,
    tasks,
    owner: sqlOn(ownerPool),
    undone: (before, last) =>
      within(before, (sql) =>
        sql(last).then(
          () => undefined,
          (error: Error) => error.message,
        ),
      ),
    within,
    role: accounting.sql,
    say: say(tasks),
    sayUser: say(auth),
    log: () => passAll([auth, tasks]),
    settle: () => passAll(running),
    kept: async (work) => {
      const client = await ownerPool.connect();
      try {
        await client.query("begin");
        const result = await work(sqlOn(client));
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback");
        throw error;
      } finally {
        client.release();
      }
    },
    consumeThrough: async (wrap) => {
      const wrapped: Transact = (origin, work) =>
        accounting.transact(origin, (ctx) => work({ ...ctx, sql: wrap(ctx.sql) }));
      await createConsumer({ ...onTask, transact: wrapped, batchSize: 100_000 }).pass();
    },
    lanes: () => {
      return Array.from(
        { length: 16 },
        (_, partition) => createConsumer({ ...onTask, partitions: () => [partition], batchSize: 16 }).pass,
      );
    },
    another: async () => run(accountingService({ ...settings, ...options.settings })),
    stop: async () => {
      await Promise.all(running.map((service) => service.stop()));
      await ownerPool.end();
      await onBase(`drop database if exists ${name} with (force)`);
    },
  };
}

/** Empty logs in small segments; many are made, so that a pass may fill more than one. */
async function makeSegments(admin: Connection, services: readonly Service[], size: number): Promise<void> {
  const client = new pg.Client(admin);
  await client.connect();
  for (const { name } of services) {
    await client.query(`drop table ${name}.log_0; update ${name}.log_source set segment_size = ${size};
                        select ${name}.ensure_log_segment(n * ${size}) from generate_series(0, 60) n`);
  }
  await client.end();
}

/** Copies the log of tasks as it is into other books that are still empty; prices are not among it. */
export async function copyEvents(from: Books, to: Books): Promise<void> {
  const rows = await from.owner<{ rows: string }>("select jsonb_agg(t)::text as rows from tasks.log t");
  await to.owner("insert into tasks.log select * from jsonb_populate_recordset(null::tasks.log, $1)", [rows[0]?.rows]);
  await to.owner(
    `update tasks.log_head h set position = (select coalesce(max(position), 0) from tasks.log l where l.partition = h.partition)`,
  );
}
