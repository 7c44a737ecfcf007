/** Brings a service to life: its pool, transactions, sequencer, consumers and jobs. */
import { v7 as uuidv7 } from "uuid";
import type { Logger } from "pino";
import { createConsumer } from "./consumer.ts";
import type { EventContract } from "./contract.ts";
import { ANSWER_WITHIN_MS, type Connection, openPool, sqlOn } from "./database.ts";
import type { LogRow } from "./event.ts";
import { JANITOR_POLL_MS, tidyUp } from "./janitor.ts";
import { type LogReader, type OpenLog, postgresLog } from "./log.ts";
import { type Loop, startLoop } from "./loop.ts";
import { createMembership, HEARTBEAT_MS, shareOf } from "./membership.ts";
import { createSequencer, LOG_CHANNEL } from "./sequencer.ts";
import type { HeadsOf, JobTools, QueryCtx, Service, Sql } from "./service.ts";
import type { Tracing } from "./tracing.ts";
import { createTransact, type Transact } from "./transact.ts";

/** How long a lost wake-up can delay the log and its consumers. */
const POLL_MS = 1_000;
/** Under load, events of so many milliseconds share a consumer's transaction: one commit instead of one for each. */
const REST_MS = 10;

/** How a consumer is, over all of its shares. */
export type ConsumerStatus = {
  consumer: string;
  source: string;
  /** Null while all is well, else a sentence why nothing moves (in one of its shares, at least). */
  halted: string | null;
};

export type RunningService = {
  service: Service;
  sql: Sql;
  transact: Transact;
  tools: JobTools;
  heads: HeadsOf;
  logOf: QueryCtx["logOf"];
  /** Where traces are told. */
  tracing: Tracing | undefined;
  /** Begins to work by itself. Without it the service only moves when `pass` is called. */
  start: () => void;
  /** One bounded step of everything it does by itself; returns how much was done. */
  pass: () => Promise<number>;
  /** One part of `pass`, for tests that choose the schedule: `sequencer`, `consumer:<name>` (its shares in turn), `job:<name>`. */
  parts: ReadonlyMap<string, () => Promise<number>>;
  /** Events of a source were logged. */
  wakeFor: (source: string) => void;
  /** A copy has left: its partitions are taken over, and what it said last is logged. */
  someoneLeft: () => void;
  /** A command committed: jobs may have something to do. */
  wakeJobs: () => void;
  consumers: () => ConsumerStatus[];
  /** Those of `parts` whose last try failed; it is in the log, and they are tried again. */
  failing: () => ReadonlySet<string>;
  /** Ends the work by itself (after the passes that run), and closes the connections. */
  stop: () => Promise<void>;
};

/** What a relay needs of the service whose log it passes on. */
export type OpenRelay = (parts: {
  service: string;
  log: LogReader;
  partitions: () => readonly number[];
  /** Tells those who listen that there is something to read. */
  onRelayed: (rows: readonly LogRow[]) => Promise<unknown>;
  logger: Logger;
}) => { pass: () => Promise<number>; close: () => Promise<void> };

export type RunOptions = {
  connection: Connection;
  poolSize: number;
  log: Logger;
  /** Contracts of all services: what consumers may meet. */
  contracts: readonly EventContract[];
  batchSize?: number;
  /** How it reads the logs it hears; those in its own database unless told otherwise. */
  openLog?: OpenLog;
  /** How it looks up single events of the past: in the logs themselves, also where it hears them another way. */
  openPast?: OpenLog;
  /** Passes its log on to where others read it. */
  openRelay?: OpenRelay;
  tracing?: Tracing | undefined;
  /** Where its tables are, when not in the schema of its own name (see `rebuild.ts`). */
  schema?: string;
};

/** Something that a service does by itself; the shares of a consumer have one name. */
type Part = { name: string; pass: () => Promise<number>; pollMs: number; restMs: number; failed: boolean };

export function runService(service: Service, options: RunOptions): RunningService {
  const log = options.log.child({ service: service.name });
  const { tracing } = options;
  const pool = openPool(options.connection, {
    schema: options.schema ?? service.name,
    size: options.poolSize,
    name: service.name,
    answerWithinMs: ANSWER_WITHIN_MS,
    onError: (error) => log.warn({ err: error }, "an idle database connection broke"),
  });
  const sql = sqlOn(pool);
  const loops: { name: string; loop: Loop }[] = [];
  const wake = (isMeant: (name: string) => boolean) => {
    for (const { name, loop } of loops) if (isMeant(name)) loop.wake();
  };
  const wakeJobs = () => wake((name) => name.startsWith("job:"));

  const tools: JobTools = {
    sql,
    transact: (command, actor, work) =>
      transact({ correlationId: uuidv7(), actor, command, traceparent: null }, (ctx) => work(ctx)),
    now: async () => (await sql<{ now: Date }>("select popug.business_now() as now"))[0]?.now ?? new Date(Number.NaN),
    follow: (...what) => tracing?.follow(...what),
  };
  const transact = createTransact({
    service: service.name,
    pool,
    publishes: new Set(service.publishes),
    onEmitted: () => wake((name) => name === "sequencer"),
    tools: () => tools,
  });

  const inOwnDatabase: OpenLog = (source, own) => postgresLog(own, source, { traced: tracing !== undefined });
  const openLog = options.openLog ?? inOwnDatabase;
  const openPast = options.openPast ?? inOwnDatabase;
  const heads: HeadsOf = async (source) => {
    const reader = hearers.find(({ consumer }) => consumer.source === source)?.readers[0];
    const found = await reader?.heads().catch((error: unknown) => {
      log.warn({ err: error, source }, "how far its log has got cannot be told");
      return [];
    });
    return new Map(found?.map(({ partition, position }) => [partition, position]));
  };

  const membership = createMembership(sql, service.name);
  const sequencer = createSequencer({ service: service.name, pool, log, tracing });
  const hearers = service.consumers.map((consumer) => {
    const { shares = 1 } = consumer;
    // Each share reads for itself: what a reader remembers is about the places that it was asked for.
    const readers = Array.from({ length: shares }, () => openLog(consumer.source, sql));
    const runners = readers.map((reader, rank) =>
      createConsumer({
        consumer,
        reader,
        partitions: () => shareOf(membership.partitions(), rank, shares),
        sql,
        transact,
        log,
        tracing,
        versions: options.contracts.filter((contract) => contract.source === consumer.source),
        ...(options.batchSize !== undefined && { batchSize: options.batchSize }),
      }),
    );
    return { consumer, readers, runners };
  });

  const passes: Part[] = [];
  const addPart = (name: string, pass: () => Promise<number>, pollMs: number, restMs: number) => {
    const watched = async () => {
      try {
        const did = await pass();
        part.failed = false;
        return did;
      } catch (error) {
        part.failed = true;
        throw error;
      }
    };
    const part: Part = { name, pass: exclusive(watched), pollMs, restMs, failed: false };
    passes.push(part);
  };
  addPart("sequencer", sequencer.pass, POLL_MS, 0);
  const relay = options.openRelay?.({
    service: service.name,
    log: postgresLog(sql, service.name, { traced: tracing !== undefined }),
    partitions: membership.partitions,
    onRelayed: (rows) => {
      tracing?.relayed(rows);
      return sql("select pg_notify($1, $2)", [LOG_CHANNEL, service.name]);
    },
    logger: log,
  });
  if (relay !== undefined) addPart("relay", relay.pass, POLL_MS, 0);
  for (const { consumer, runners } of hearers) {
    for (const runner of runners) {
      const pass = async () => {
        const did = await runner.pass();
        if (did > 0) wakeJobs();
        return did;
      };
      addPart(`consumer:${consumer.name}`, pass, POLL_MS, REST_MS);
    }
  }
  for (const job of service.jobs) {
    addPart(`job:${job.name}`, () => job.run(tools), job.everyMs, 0);
  }

  const wakeAll = () => wake(() => true);
  /** What has become this copy's is looked at at once: nobody else says that there is something. */
  const beat = async () => {
    if (await membership.beat()) wakeAll();
    return 0;
  };

  let stopped: Promise<void> | undefined;
  const stop = async () => {
    await Promise.all(loops.map(({ loop }) => loop.stop()));
    // Whether the database still hears it or not: without a word, the others notice by themselves.
    await relay?.close();
    await membership.leave().catch((error: unknown) => log.warn({ err: error }, "left without a word"));
    await pool.end();
  };

  return {
    service,
    sql,
    transact,
    tools,
    heads,
    tracing,
    logOf: (source) => openPast(source, sql),
    parts: new Map(
      passes.map(({ name }) => [name, inTurn(passes.filter((part) => part.name === name).map(({ pass }) => pass))]),
    ),
    start: () => {
      const begin = (name: string, pass: () => Promise<number>, pollMs: number, restMs = 0) =>
        loops.push({ name, loop: startLoop(name, pass, { pollMs, restMs }, log) });
      for (const { name, pass, pollMs, restMs } of passes) begin(name, pass, pollMs, restMs);
      begin("membership", beat, HEARTBEAT_MS);
      begin("janitor", () => tidyUp(sql), JANITOR_POLL_MS);
    },
    pass: inTurn(passes.map(({ pass }) => pass)),
    wakeFor: (source) => {
      const hearing = service.consumers.filter((consumer) => consumer.source === source);
      const names = new Set(hearing.map(({ name }) => `consumer:${name}`));
      wake((name) => names.has(name) || (name === "relay" && source === service.name));
    },
    someoneLeft: wakeAll,
    wakeJobs,
    consumers: () =>
      hearers.map(({ consumer, runners }) => ({
        consumer: consumer.name,
        source: consumer.source,
        halted: runners.map((runner) => runner.halted()).find((why) => why !== null) ?? null,
      })),
    failing: () => new Set(passes.filter(({ failed }) => failed).map(({ name }) => name)),
    stop: () => (stopped ??= stop()),
  };
}

/** One step of each, one after the other. */
const inTurn = (passes: readonly (() => Promise<number>)[]) => async () => {
  let did = 0;
  for (const pass of passes) did += await pass();
  return did;
};

/** One call after the other: a pass keeps state between its reads and its commit. */
function exclusive(pass: () => Promise<number>): () => Promise<number> {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const next = last.then(pass, pass);
    last = next.catch(() => {});
    return next;
  };
}
