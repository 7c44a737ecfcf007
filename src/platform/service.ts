/**
 * The face of a service. Glossary:
 * - **service**: one folder, one PostgreSQL schema and role, one event source.
 * - **command**: what people (or a schedule) ask; one transaction: state + outbox.
 * - **consumer**: what a service does about events of one source; one transaction: effects + cursor.
 * - **job**: what a service does by itself; level-triggered, so that a lost wake-up costs time, never an effect.
 * Handlers are plain functions with one `ctx`; pool, broker, clock and environment are out of their reach.
 */
import type { DataOf, EventContract } from "./contract.ts";
import type { ActorName, Received } from "./event.ts";
import type { Route } from "./http/route.ts";
import type { LogReader } from "./log.ts";
import type { Tracing } from "./tracing.ts";

/** Runs one SQL statement and returns its rows. `$1` placeholders; names resolve in the service's own schema. */
export type Sql = <Row = Record<string, unknown>>(text: string, params?: readonly unknown[]) => Promise<Row[]>;

export type EmitOptions = {
  /** The period to stamp; required by whatever counts for a close. */
  period?: number;
  /** In batch consumers: the event that caused this one (correlation, actor and causation follow from it). */
  cause?: Received;
  /** Business time of the event, when it is not the beginning of the transaction (which may have waited since). */
  time?: Date;
  /** For contracts without a key: where the event goes. */
  partition?: number;
};

/** Puts an event into the outbox of this transaction. A barrier goes into every partition. */
export type Emit = <C extends EventContract>(contract: C, data: DataOf<C>, options?: EmitOptions) => void;

/** The person behind a request, as the service's own replica of users knows them. */
export type Actor = {
  userId: string;
  login: string;
  name: string;
  roles: readonly string[];
  /** What the personal access token that they came with was made for; absent when they came themselves. */
  scopes?: readonly string[];
  /** Roles that they have and that do not count now, because of the way in which they signed in. */
  suspended?: readonly string[];
  /** The session of the browser that they came with, if they did. */
  sessionId?: string;
  /** They came by the command line on the machine itself. */
  atMachine?: true;
};

/** What every transaction has. */
export type Ctx = {
  sql: Sql;
  emit: Emit;
  /** Business time at the beginning of the transaction (the demo clock shifts it). */
  now: Date;
};

/** The newest position in each partition of a log that the service hears; empty while nobody can tell. Never for decisions. */
export type HeadsOf = (source: string) => Promise<ReadonlyMap<number, number>>;

export type CommandCtx = Ctx & {
  actor: Actor;
  /** The request's correlation id; every event of the command carries it. */
  correlationId: string;
};

export type QueryCtx = {
  sql: Sql;
  now: Date;
  actor: Actor;
  heads: HeadsOf;
  /** The log of a source, in whichever database it is; only what was granted to the service can be read. */
  logOf: (source: string) => LogReader;
};

/** Reacts to events of one source, in contiguous batches: each partition's events in order. */
export type Consumer<C extends EventContract = EventContract> = {
  /** `on-<what>`, the file's name; unique in the service. */
  name: string;
  source: string;
  /** Versions this consumer reads; older and newer ones are cast to them. Other types are passed over. */
  events: readonly C[];
  /** The command of the founding note that this reaction is, for the catalogue and as `command` of what it emits. */
  command: string;
  /**
   * Of the past, the present state of the source is all it needs: where the log does not begin with its first event any more
   * and nothing of it was heard yet, that state is handed to `handle` in its place, in chunks, and then what follows.
   */
  fromState?: boolean;
  /**
   * Whether nothing that can be said at present would change anything here; then it is passed over unread (`passing-over.ts`).
   * For what is heard only while somebody wants it; the handler is right without it, and slower.
   */
  hasNoUse?: (sql: Sql) => Promise<boolean>;
  /** So many events in one transaction at most, where more than usual take less of it each. */
  batchSize?: number;
  /**
   * In so many shares its partitions are worked on side by side in one process, each in transactions of its own, as copies
   * would do it: while the database writes for one, the process computes for another. One where not given.
   */
  shares?: number;
  /** A discard of a dead letter needs two people when it is about money. */
  aboutMoney?: boolean;
  /** Effects of the batch, in the transaction that also moves the cursor. May be run again after a rollback. */
  handle: (ctx: Ctx, events: Received<C>[]) => Promise<void>;
};

/** Helper for type inference: `consumer({...})`. */
export function consumer<const C extends EventContract>(spec: Consumer<C>): Consumer {
  return spec;
}

/** The events of one type, typed: `ofType(events, taskCreatedV2)`. */
export function ofType<C extends EventContract>(events: readonly Received[], contract: C): Received<C>[] {
  return events.filter((event) => event.type === contract.type) as Received<C>[];
}

/** What a job has in its hands: transactions of its own making. */
export type JobTools = {
  /** One transaction; `actor` is recorded on what it emits. */
  transact: <T>(command: string, actor: ActorName, work: (ctx: Ctx) => Promise<T>) => Promise<T>;
  /** Reads outside any transaction. */
  sql: Sql;
  now: () => Promise<Date>;
  /** Tells of something that is done because of an event whose `traceparent` was kept; undefined: nobody follows it. */
  follow: Tracing["follow"];
};

export type Job = {
  name: string;
  /** The slowest it looks by itself; a commit or an event of the service wakes it earlier. */
  everyMs: number;
  /** Does what there is to do; returns how many things it did (0: nothing left, sleep). */
  run: (tools: JobTools) => Promise<number>;
};

export type Service = {
  name: string;
  /** Folders with `NNN-what.sql` files, run in this order in the service's schema. */
  migrations: readonly URL[];
  publishes: readonly EventContract[];
  /** Its schema has a view `state`, for readers that begin when its log is shortened (see `state.ts`). */
  tellsState?: boolean;
  consumers: readonly Consumer[];
  jobs: readonly Job[];
  routes: readonly Route[];
};

/** Thrown by a consumer when what an event refers to is not there yet: parked under `waitsFor`, not failed. */
export class Deferred extends Error {
  /** What has to appear, e.g. `user:<id>`; `release` names the same. */
  readonly waitsFor: string;
  constructor(reason: string, waitsFor: string) {
    super(reason);
    this.name = "Deferred";
    this.waitsFor = waitsFor;
  }
}

/**
 * Thrown inside a transaction that cannot go on until something else was done in a transaction of its own
 * (a period that is due has to be ended first). The transaction is rolled back, `remedy` runs, and it is tried again.
 */
export class DoFirst extends Error {
  readonly remedy: (tools: JobTools) => Promise<unknown>;
  constructor(what: string, remedy: (tools: JobTools) => Promise<unknown>) {
    super(what);
    this.name = "DoFirst";
    this.remedy = remedy;
  }
}
