/** Brings a service to life: its pool, transactions, sequencer, consumers and jobs. */
import { v7 as uuidv7 } from "uuid";
import type { Logger } from "pino";
import { type ConsumerStatus, createConsumer } from "./consumer.ts";
import type { EventContract } from "./contract.ts";
import { type Connection, openPool, sqlOn } from "./database.ts";
import { JANITOR_POLL_MS, tidyUp } from "./janitor.ts";
import { postgresLog } from "./log.ts";
import { type Loop, startLoop } from "./loop.ts";
import { createMembership, HEARTBEAT_MS } from "./membership.ts";
import { createSequencer } from "./sequencer.ts";
import type { JobTools, Service, Sql } from "./service.ts";
import { createTransact, type Transact } from "./transact.ts";

/** How long a lost wake-up can delay the log and its consumers. */
const POLL_MS = 1_000;
/** Under load, events of so many milliseconds share a consumer's transaction: one commit instead of one for each. */
const REST_MS = 10;

export type RunningService = {
  service: Service;
  sql: Sql;
  transact: Transact;
  tools: JobTools;
  /** Begins to work by itself. Without it the service only moves when `pass` is called. */
  start: () => void;
  /** One bounded step of everything it does by itself; returns how much was done. */
  pass: () => Promise<number>;
  /** One part of `pass`, for tests that choose the schedule: `sequencer`, `consumer:<name>`, `job:<name>`. */
  parts: ReadonlyMap<string, () => Promise<number>>;
  /** Events of a source were logged. */
  wakeFor: (source: string) => void;
  /** A command committed: jobs may have something to do. */
  wakeJobs: () => void;
  consumers: () => ConsumerStatus[];
  /** Ends the work by itself (after the passes that run), and closes the connections. */
  stop: () => Promise<void>;
};

export type RunOptions = {
  connection: Connection;
  poolSize: number;
  log: Logger;
  /** Contracts of all services: what consumers may meet. */
  contracts: readonly EventContract[];
  batchSize?: number;
  /** Where its tables are, when not in the schema of its own name (see `rebuild.ts`). */
  schema?: string;
};

export function runService(service: Service, options: RunOptions): RunningService {
  const log = options.log.child({ service: service.name });
  const pool = openPool(options.connection, {
    schema: options.schema ?? service.name,
    size: options.poolSize,
    name: service.name,
    onError: (error) => log.warn({ err: error }, "an idle database connection broke"),
  });
  const sql = sqlOn(pool);
  const loops = new Map<string, Loop>();
  const wakeJobs = () => {
    for (const job of service.jobs) loops.get(`job:${job.name}`)?.wake();
  };

  const tools: JobTools = {
    sql,
    transact: (command, actor, work) =>
      transact({ correlationId: uuidv7(), actor, command, traceparent: null }, (ctx) => work(ctx)),
    now: async () => (await sql<{ now: Date }>("select popug.business_now() as now"))[0]?.now ?? new Date(Number.NaN),
  };
  const transact = createTransact({
    service: service.name,
    pool,
    publishes: new Set(service.publishes),
    onEmitted: () => loops.get("sequencer")?.wake(),
    tools: () => tools,
  });

  const membership = createMembership(sql);
  const sequencer = createSequencer({ service: service.name, pool, log });
  const runners = service.consumers.map((consumer) =>
    createConsumer({
      consumer,
      reader: postgresLog(sql, consumer.source),
      partitions: membership.partitions,
      sql,
      transact,
      log,
      versions: options.contracts.filter((contract) => contract.source === consumer.source),
      ...(options.batchSize !== undefined && { batchSize: options.batchSize }),
    }),
  );

  const passes = new Map<string, { pass: () => Promise<number>; pollMs: number; restMs: number }>();
  passes.set("sequencer", { pass: exclusive(sequencer.pass), pollMs: POLL_MS, restMs: 0 });
  service.consumers.forEach((consumer, index) => {
    const runner = runners[index];
    if (runner === undefined) return;
    const pass = async () => {
      const did = await runner.pass();
      if (did > 0) wakeJobs();
      return did;
    };
    passes.set(`consumer:${consumer.name}`, { pass: exclusive(pass), pollMs: POLL_MS, restMs: REST_MS });
  });
  for (const job of service.jobs) {
    passes.set(`job:${job.name}`, { pass: exclusive(() => job.run(tools)), pollMs: job.everyMs, restMs: 0 });
  }

  let stopped: Promise<void> | undefined;
  const stop = async () => {
    await Promise.all([...loops.values()].map((loop) => loop.stop()));
    // Whether the database still hears it or not: without a word, the others notice by themselves.
    await membership.leave().catch((error: unknown) => log.warn({ err: error }, "left without a word"));
    await pool.end();
  };

  return {
    service,
    sql,
    transact,
    tools,
    parts: new Map([...passes].map(([name, { pass }]) => [name, pass])),
    start: () => {
      for (const [name, { pass, ...pace }] of passes) loops.set(name, startLoop(name, pass, pace, log));
      loops.set("membership", startLoop("membership", membership.beat, { pollMs: HEARTBEAT_MS, restMs: 0 }, log));
      loops.set(
        "janitor",
        startLoop("janitor", () => tidyUp(sql), { pollMs: JANITOR_POLL_MS, restMs: 0 }, log),
      );
    },
    pass: async () => {
      let did = 0;
      for (const { pass } of passes.values()) did += await pass();
      return did;
    },
    wakeFor: (source) => {
      for (const consumer of service.consumers) {
        if (consumer.source === source) loops.get(`consumer:${consumer.name}`)?.wake();
      }
    },
    wakeJobs,
    consumers: () => runners.map((runner) => runner.status()),
    stop: () => (stopped ??= stop()),
  };
}

/** One call after the other: a pass keeps state between its reads and its commit. */
function exclusive(pass: () => Promise<number>): () => Promise<number> {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const next = last.then(pass, pass);
    last = next.catch(() => {});
    return next;
  };
}
