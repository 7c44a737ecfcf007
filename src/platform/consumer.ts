/**
 * Runs one consumer of a service over one source: batches of contiguous events, effects and cursor in one transaction.
 *
 * Exactly-once effects rest on one statement: the cursor moves from the position that was read from, or not at all. A copy
 * that was paused and wakes up later changes nothing; a batch that is delivered again finds the cursor moved.
 */
import { v7 as uuidv7 } from "uuid";
import type { Logger } from "pino";
import type { EventContract } from "./contract.ts";
import { isTransient } from "./database.ts";
import {
  blockedKeys,
  blockKey,
  DEFERRED_RETRY_MS,
  type Lane,
  putAside,
  type Trouble,
  troubleOf,
} from "./dead-letters.ts";
import { allPartitions, type LogRow, type Received } from "./event.ts";
import type { LogReader } from "./log.ts";
import { type Passed, passOver } from "./passing-over.ts";
import { createProbation, tryAlone } from "./probation.ts";
import { createReception } from "./reception.ts";
import { createRedrive, Fenced } from "./redrive.ts";
import { hearState } from "./state.ts";
import type { Consumer, Ctx, Sql } from "./service.ts";
import type { Tracing } from "./tracing.ts";
import type { Transact } from "./transact.ts";

/** Events per transaction. */
const BATCH = 1_000;

export type ConsumerRunner = {
  /** Applies what is there, one batch at most; returns how many events moved (0: caught up). */
  pass: () => Promise<number>;
  /** Null while all is well, else a sentence why nothing moves. */
  halted: () => string | null;
};

export type ConsumerParts = {
  consumer: Consumer;
  reader: LogReader;
  sql: Sql;
  transact: Transact;
  log: Logger;
  tracing?: Tracing | undefined;
  /** Every published version of the events it reads: how to lift what was written to what is wanted. */
  versions: readonly EventContract[];
  /** The partitions that are its own at present; all of them when not given. */
  partitions?: () => readonly number[];
  batchSize?: number;
};

type Cursor = { partition: number; position: number; epoch: number };

/** By partition: the position that was read from, and the last event whose effects are in the transaction. */
type Moves = Map<number, { old: number; last: LogRow }>;

export function createConsumer(parts: ConsumerParts): ConsumerRunner {
  const { consumer, log } = parts;
  const lane: Lane = { consumer: consumer.name, source: consumer.source };
  const reception = createReception(consumer, parts.versions);
  const types = [...reception.wanted.keys()];
  const probation = createProbation(lane, parts.sql);
  const partitions = parts.partitions ?? (() => allPartitions);
  const batchSize = parts.batchSize ?? consumer.batchSize ?? BATCH;

  let cursors: Map<number, Cursor> | undefined;
  let halted: string | null = null;
  // Until a first batch has gone through, the start is on probation.
  let proven = false;
  let lookForDue = true;

  const attempt = async (): Promise<number> => {
    const passed = await passOverUnused();
    if (passed !== undefined) {
      halted = null;
      return passed ? 1 : 0;
    }
    cursors ??= await loadCursors();
    const mine = partitions()
      .map((partition) => cursors?.get(partition))
      .filter((cursor) => cursor !== undefined);
    if (mine.length === 0) {
      halted = null;
      return 0;
    }
    const redriven = lookForDue ? await redriveDue(mine) : 0;
    const rows = await parts.reader.read(mine, types, Math.max(16, Math.ceil(batchSize / mine.length)));
    assertContiguous(mine, rows);
    await assertSameLog(mine, rows);
    halted = null;
    // Letters may become due by time or by request at any moment, so they are looked for whenever there is a pause.
    lookForDue ||= rows.length === 0;
    if (rows.length === 0) {
      return redriven === 0 ? await redriveDue(mine) : redriven;
    }
    if (proven) await apply(rows);
    else {
      if (await probation.begin(rows)) for (const row of rows) await applyAlone(row);
      else await apply(rows);
      await probation.pass(mine.map(({ partition }) => partition));
      proven = true;
    }
    return rows.length + redriven;
  };

  const pass = async (): Promise<number> => {
    for (let isFirst = true; ; isFirst = false) {
      try {
        return await attempt();
      } catch (error) {
        cursors = undefined;
        if (!(error instanceof Fenced)) {
          halted = error instanceof Error ? error.message : String(error);
          throw error;
        }
        // Another copy was here before. Where it left off is looked up, once: perhaps it is gone since.
        if (!isFirst) return 0;
      }
    }
  };

  const passOverUnused = async (): Promise<Passed> => {
    const { hasNoUse } = consumer;
    if (hasNoUse === undefined) return undefined;
    const heads = await parts.reader.heads();
    const passed = await parts.transact(origin([]), ({ sql }) => passOver(sql, lane, hasNoUse, heads));
    if (passed === true) cursors = undefined;
    return passed;
  };

  /**
   * Reads the cursors, creating those that are missing, and refuses to go on when they stand outside of the log; in front of it,
   * whoever has heard nothing yet may begin with the state.
   */
  const loadCursors = async (): Promise<Map<number, Cursor>> => {
    const heads = await parts.reader.heads();
    await parts.sql(
      `insert into cursor (consumer, source, partition, epoch, position)
       select $1, $2, partition, epoch, 0 from unnest($3::smallint[], $4::int[]) as head (partition, epoch)
       on conflict do nothing`,
      [lane.consumer, lane.source, heads.map((h) => h.partition), heads.map((h) => h.epoch)],
    );
    const rows = await parts.sql<Cursor>(
      "select partition, position, epoch from cursor where consumer = $1 and source = $2 order by partition",
      [lane.consumer, lane.source],
    );
    // Looked at after the cursors: another copy may have moved log and cursor on since the first look.
    const ends = await parts.reader.heads();
    for (const row of rows) {
      const head = ends.find((h) => h.partition === row.partition);
      if (head !== undefined && row.position > head.position) {
        throw new Error(
          `${lane.consumer} has read up to ${row.position} in partition ${row.partition} of ${lane.source}, but its log ends ` +
            `at ${head.position}: the log was set back. Nothing is read until somebody decides (popug restored).`,
        );
      }
      if (head !== undefined && row.position < head.beginsAt - 1) {
        if (consumer.fromState && rows.every(({ position }) => position === 0)) return beginWithState();
        throw new Error(
          `${lane.consumer} has read up to ${row.position} in partition ${row.partition} of ${lane.source}, but its log begins ` +
            `at ${head.beginsAt}: what stood between is kept no more. Nothing is read, so that nothing is skipped.`,
        );
      }
    }
    return new Map(rows.map((row) => [row.partition, row]));
  };

  /**
   * Sets the cursors to the heads and hears the present state, in one transaction. The heads are looked up before the state,
   * so it holds all that stands up to them; what it holds beyond comes a second time behind them, and is known by then.
   */
  const beginWithState = async (): Promise<Map<number, Cursor>> => {
    const heads = await parts.reader.heads();
    const places = heads.map(({ partition, position }) => ({ partition, position: position - 1 }));
    const newest = await parts.reader.read(places, [], 1);
    if (newest.length !== heads.length) throw new Error(`the newest events of ${lane.source} are not in its log`);
    await parts.transact(origin([]), async (ctx) => {
      await moveCursors(ctx, new Map(newest.map((row) => [row.partition, { old: 0, last: row }])));
      const heard = await hearState(ctx, parts.reader, consumer, reception);
      log.info(
        { ...lane, heard },
        "began with the present state, since the log is kept no more from its first event on",
      );
    });
    return new Map(newest.map(({ partition, position, epoch }) => [partition, { partition, position, epoch }]));
  };

  const assertContiguous = (from: readonly Cursor[], rows: readonly LogRow[]) => {
    const expected = new Map(from.map((cursor) => [cursor.partition, cursor.position + 1]));
    for (const row of rows) {
      const next = expected.get(row.partition);
      if (row.position !== next) {
        throw new Error(
          `${lane.consumer} expected position ${next} in partition ${row.partition} of ${lane.source} and met ${row.position}`,
        );
      }
      expected.set(row.partition, row.position + 1);
    }
  };

  /**
   * Positions compare only within an epoch. Where another begins, the event that was read last has to be in the log still,
   * under its own epoch; else positions were given twice, and what stands below the cursor is not what was read.
   */
  const assertSameLog = async (from: readonly Cursor[], rows: readonly LogRow[]): Promise<void> => {
    const epochs = new Map(from.map((cursor) => [cursor.partition, cursor]));
    for (const row of rows) {
      const cursor = epochs.get(row.partition);
      if (cursor === undefined) continue;
      epochs.delete(row.partition);
      if (row.epoch === cursor.epoch || cursor.position === 0) continue;
      const [last] = await parts.reader.read([{ partition: row.partition, position: cursor.position - 1 }], [], 1);
      if (last?.position === cursor.position && last.epoch === cursor.epoch) continue;
      throw new Error(
        `${lane.consumer} has read up to ${cursor.position} of epoch ${cursor.epoch} in partition ${row.partition} of ` +
          `${lane.source}, which its log does not hold any more: it was set back. Nothing is read until somebody decides.`,
      );
    }
  };

  /**
   * Applies rows in one transaction. When the work itself fails, halves are tried, down to the one event that cannot be
   * applied: it is put aside, and everything else goes through.
   */
  const apply = async (rows: readonly LogRow[]): Promise<void> => {
    const only = rows.length === 1 ? rows[0] : undefined;
    try {
      await inTransaction(rows, handleLive);
    } catch (error) {
      if (error instanceof Fenced) throw error;
      // A batch that takes too long for one transaction may go through in parts; everything else that passes is waited for.
      if (isTransient(error) && (only !== undefined || !tookTooLong(error))) throw error;
      if (only !== undefined) {
        log.warn({ err: error, ...lane, partition: only.partition, position: only.position }, "event put aside");
        await setAside(only, troubleOf(error));
        return;
      }
      const half = Math.ceil(rows.length / 2);
      await apply(rows.slice(0, half));
      await apply(rows.slice(half));
    }
  };

  /** For a suspect: noted before it is tried, with no other suspect of this process beside it. */
  const applyAlone = (row: LogRow): Promise<void> =>
    tryAlone(async () => {
      if (!(await probation.isKiller(row))) return apply([row]);
      log.error({ ...lane, partition: row.partition, position: row.position }, "event put aside: it ends the process");
      await setAside(row, { status: "dead", reason: "the process ended each time this event was tried" });
    });

  const setAside = (row: LogRow, trouble: Trouble) =>
    inTransaction([row], (ctx) => putAside(ctx.sql, lane, [{ event: row, trouble }], DEFERRED_RETRY_MS), trouble);

  /** One transaction: the compare-and-set on the cursors first, then the work. */
  const inTransaction = async (
    rows: readonly LogRow[],
    work: (ctx: Ctx, rows: readonly LogRow[]) => Promise<void>,
    trouble?: Trouble,
  ): Promise<void> => {
    const moves: Moves = new Map();
    for (const row of rows) {
      const move = moves.get(row.partition);
      if (move === undefined) moves.set(row.partition, { old: row.position - 1, last: row });
      else move.last = row;
    }
    const traced = parts.tracing?.heard(consumer.name, rows, types);
    const heard = traced?.rows ?? rows;
    await parts.transact(origin(heard), async (ctx) => {
      await moveCursors(ctx, moves);
      await work(ctx, heard);
    });
    traced?.done(trouble?.status);
    for (const [partition, move] of moves) {
      cursors?.set(partition, { partition, position: move.last.position, epoch: move.last.epoch });
    }
  };

  /** The compare-and-set. */
  const moveCursors = async (ctx: Ctx, moves: Moves): Promise<void> => {
    const moved = await ctx.sql(
      `update cursor c set position = move.new, epoch = move.epoch
         from unnest($3::smallint[], $4::bigint[], $5::bigint[], $6::int[]) as move (partition, old, new, epoch)
        where c.consumer = $1 and c.source = $2 and c.partition = move.partition and c.position = move.old
        returning c.partition`,
      [
        lane.consumer,
        lane.source,
        [...moves.keys()],
        [...moves.values()].map((move) => move.old),
        [...moves.values()].map((move) => move.last.position),
        [...moves.values()].map((move) => move.last.epoch),
      ],
    );
    if (moved.length !== moves.size) throw new Fenced("the cursor was moved by another copy");
  };

  /** Handles a batch: parks what stands behind a blocked key, puts aside what cannot be read, hands over the rest. */
  const handleLive = async (ctx: Ctx, rows: readonly LogRow[]): Promise<void> => {
    const interesting = rows.filter((row) => reception.wanted.has(row.type));
    if (interesting.length === 0) return;
    const blocked = await blockedKeys(ctx.sql, lane, [...new Set(interesting.map((row) => row.partition))]);
    if (blocked.size > 0) lookForDue = true;
    const aside: { event: LogRow; trouble: Trouble }[] = [];
    const events: Received[] = [];
    for (const row of interesting) {
      const key = blockKey(row.partition, row.key);
      if (blocked.has(key)) {
        aside.push({ event: row, trouble: { status: "parked", reason: "an earlier event of its key is not through" } });
        continue;
      }
      const received = reception.receive(row);
      if (typeof received === "string") {
        blocked.add(key);
        aside.push({ event: row, trouble: { status: "dead", reason: received } });
      } else {
        events.push(received);
      }
    }
    await putAside(ctx.sql, lane, aside, DEFERRED_RETRY_MS);
    if (events.length > 0) await consumer.handle(ctx, events);
  };

  const origin = (rows: readonly LogRow[]) => {
    const single = rows.length === 1 ? rows[0] : undefined;
    return {
      correlationId: single?.correlationId ?? uuidv7(),
      actor: single?.actor ?? (`system:${consumer.name}` as const),
      command: consumer.command,
      traceparent: single?.traceparent ?? null,
      ...(single && { causedBy: single }),
    };
  };

  const redrive = createRedrive({ consumer, lane, reception, sql: parts.sql, transact: parts.transact, log, origin });
  const redriveDue = async (mine: readonly Cursor[]): Promise<number> => {
    const did = await redrive(mine.map((cursor) => cursor.partition));
    lookForDue = did > 0;
    return did;
  };

  return { pass, halted: () => halted };
}

/** The server ended the statement because of its time limit. */
const tookTooLong = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "57014";
