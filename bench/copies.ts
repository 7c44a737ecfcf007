/**
 * Copies of accounting, each a process, beside one process for everything: a backlog on some partitions of the log of tasks, booked from
 * the log itself and through Kafka; single events on their way; how soon a copy is followed that is killed or stopped. Databases on one server, fsync on.
 */
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import { startBrokers, whyNoBrokers } from "../cluster/brokers.ts";
import { connectionTo } from "../src/app/kafka.ts";
import { readConfig } from "../src/config.ts";
import { type Connection, openPool, sqlOn } from "../src/platform/database.ts";
import { startPostgres } from "../src/platform/embedded/postgres.ts";
import { openTopic } from "../src/platform/kafka/topic.ts";
import { connectionOf } from "../src/platform/migrate.ts";
import { runService } from "../src/platform/run-service.ts";
import type { Sql } from "../src/platform/service.ts";
import { tasksService } from "../src/services/tasks/service.ts";
import { layOut } from "../test/kit/processes.ts";
import { until } from "../test/kit/until.ts";
import { sayTasks } from "./ledger-ground.ts";
import type { Measure } from "./measure.ts";

const TASKS = 2_000;
const SINGLES = 40;
const ROLE_SECRET = "a bench of copies";
const SERVICES = ["auth", "tasks", "accounting", "analytics", "notifications"];

export const copies: Measure = {
  name: "copies",
  runs: 3,
  run: async () => {
    const folder = await mkdtemp(join(tmpdir(), "popug-copies-"));
    const server = await startPostgres({ dataDir: join(folder, "postgres"), settings: { max_connections: "400" } });
    const missing = whyNoBrokers();
    if (missing !== undefined) console.log(`Kafka is left out: ${missing}`);
    const brokers = missing === undefined ? await startBrokers(join(folder, "kafka")) : undefined;
    try {
      const figures: Record<string, number> = {};
      const measure = async (name: string, copiesOfAccounting: number | null, addresses: string | null) => {
        const office = await openOffice(folder, server.connection, copiesOfAccounting, addresses);
        try {
          for (const partitions of [1, 4, 16]) {
            figures[`${name}, ${partitions} partitions, events/s`] = await office.booked(partitions);
          }
          if (copiesOfAccounting !== 2) return;
          figures[`${name}, a single event from log to ledger, ms`] = await office.single();
          figures[`${name}, all is heard after kill -9 of one, ms`] = await office.followed("SIGKILL");
          figures[`${name}, all is heard after SIGTERM of one, ms`] = await office.followed("SIGTERM");
        } finally {
          await office.stop();
        }
      };
      await measure("one process", null, null);
      for (const count of [1, 2, 4]) {
        await measure(`${count} of accounting, log`, count, null);
        if (brokers !== undefined) await measure(`${count} of accounting, Kafka`, count, brokers.addresses);
      }
      return figures;
    } finally {
      await brokers?.stop();
      await server.stop("immediate");
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

let offices = 0;

/** @param copiesOfAccounting null: everything that is measured in one process, on one database */
async function openOffice(folder: string, server: Connection, copiesOfAccounting: number | null, kafka: string | null) {
  const number = ++offices;
  const dataDir = join(folder, `office${number}`);
  await mkdir(join(dataDir, "secrets"), { recursive: true, mode: 0o700 });
  await writeFile(join(dataDir, "secrets/database-roles"), ROLE_SECRET, { mode: 0o600 });
  const databaseOf = (service: string) => `office${number}${copiesOfAccounting === null ? "" : `_${service}`}`;
  const client = new pg.Client(server);
  await client.connect();
  for (const name of new Set(SERVICES.map(databaseOf))) await client.query(`create database ${name}`);
  await client.end();
  const urls = SERVICES.map((service) => [
    `DATABASE_URL_${service.toUpperCase()}`,
    `postgres://postgres@localhost:${server.port}/${databaseOf(service)}?host=${encodeURIComponent(server.host)}`,
  ]);
  const prefix = `office${number}`;
  const layout =
    copiesOfAccounting === null
      ? [SERVICES]
      : [
          SERVICES.filter((name) => name !== "accounting"),
          ...Array.from({ length: copiesOfAccounting }, () => ["accounting"]),
        ];
  const processes = await layOut(layout, {
    ...Object.fromEntries(urls),
    ...(kafka !== null && { KAFKA_BROKERS: kafka, POPUG_KAFKA_PREFIX: prefix }),
    ...{ POPUG_DATA: dataDir, POPUG_LOG: "error" },
  });
  await Promise.all(processes.copies.map((copy) => copy.start()));

  const pools: pg.Pool[] = [];
  const adminOf = (service: string): Connection => ({ ...server, database: databaseOf(service) });
  const owner = (service: string): Sql => {
    const pool = openPool(adminOf(service), { schema: service, size: 2, name: "bench", onError: () => {} });
    pools.push(pool);
    return sqlOn(pool);
  };
  const [tasks, accounting] = [owner("tasks"), owner("accounting")];
  const installation = { admin: adminOf("tasks"), rolePrefix: "popug", roleSecret: ROLE_SECRET, demo: true };
  const speaker = runService(tasksService(readConfig({ demo: true }, {}).settings), {
    ...{ connection: connectionOf(installation, "tasks"), poolSize: 1, log: pino({ level: "error" }), contracts: [] },
  });
  const say = (count: number, partitions: number) =>
    sayTasks(
      { say: (work) => speaker.tools.transact("bench", "system:bench", async (ctx) => work(ctx.emit)) },
      { period: 1, tasks: count, popugs: 100, partitions },
    );

  const logged = () => waitFor("the log", async () => (await tasks("select 1 from outbox limit 1")).length === 0);
  const booked = async () => {
    const [head] = await tasks<{ sum: number }>("select sum(position)::bigint as sum from log_head");
    await waitFor("the ledger", async () => {
      const [cursor] = await accounting<{ sum: number }>(
        "select sum(position)::bigint as sum from cursor where consumer = 'on-task'",
      );
      return cursor?.sum === head?.sum;
    });
    return head?.sum ?? 0;
  };
  /** What the log holds has come to the topic. */
  const relayed = async () => {
    if (kafka === null) return;
    const { kafka: settings } = readConfig({}, { KAFKA_BROKERS: kafka, POPUG_KAFKA_PREFIX: prefix });
    if (settings === null) throw new Error("no cluster");
    const topic = openTopic(connectionTo(settings), "tasks");
    try {
      const heads = await tasks<{ partition: number; position: number }>("select partition, position from log_head");
      await waitFor("the topic", async () => {
        const ends = await topic.ends();
        return heads.every(({ partition, position }) => (ends.get(partition)?.next ?? 0n) >= position);
      });
    } finally {
      await topic.close();
    }
  };
  await logged();
  await booked();

  return {
    /** Task events booked per second, of a backlog that all copies find at once. */
    booked: async (partitions: number): Promise<number> => {
      const before = await booked();
      const hold = new pg.Client(adminOf("accounting"));
      await hold.connect();
      await hold.query("begin");
      await hold.query("select 1 from accounting.cursor where consumer = 'on-task' for update");
      await say(TASKS, partitions);
      await logged();
      await relayed();
      const begun = performance.now();
      await hold.end();
      const count = (await booked()) - before;
      return count / ((performance.now() - begun) / 1_000);
    },
    /** From the log of tasks to the entry in that of accounting, median of some. */
    single: async (): Promise<number> => {
      const [begun] = await tasks<{ at: Date }>("select clock_timestamp() as at");
      for (let i = 0; i < SINGLES; i++) {
        await say(1, 16);
        await logged();
        await booked();
      }
      const said = await tasks<{ task: string; at: Date }>(
        "select key as task, logged_at as at from log where type = 'task.created' and logged_at > $1",
        [begun?.at],
      );
      const posted = await accounting<{ task: string; at: Date }>(
        `select e->>'taskId' as task, min(logged_at) as at
           from log cross join lateral jsonb_array_elements(data->'entries') e where type = 'entry.posted' group by 1`,
      );
      const at = new Map(posted.map((row) => [row.task, row.at.getTime()]));
      const took = said.map((row) => (at.get(row.task) ?? Number.NaN) - row.at.getTime()).toSorted((a, b) => a - b);
      return took[Math.floor(took.length / 2)] ?? Number.NaN;
    },
    /** Milliseconds until what is said right after the end of a copy was heard by the other one. */
    followed: async (signal: "SIGKILL" | "SIGTERM"): Promise<number> => {
      const copy = processes.copies[1];
      await copy?.signal(signal);
      const begun = performance.now();
      await say(160, 16);
      await logged();
      await booked();
      const took = performance.now() - begun;
      await copy?.start();
      return took;
    },
    stop: async () => {
      await processes.stop();
      await speaker.stop();
      await Promise.all(pools.map((pool) => pool.end()));
    },
  };
}

const waitFor = (what: string, isThere: () => Promise<boolean>) =>
  until(async () => (await isThere()) || undefined, {
    ...{ withinMs: 120_000, everyMs: 5, late: () => `${what} does not get there` },
  });
