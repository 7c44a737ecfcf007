/**
 * Runs one consumer of a service over one source: batches of contiguous events, effects and cursor in one transaction.
 *
 * Exactly-once effects rest on one statement: the cursor moves from the position that was read from, or not at all. A copy
 * that was paused and wakes up later changes nothing; a batch that is delivered again finds the cursor moved.
 */
import { v7 as uuidv7 } from "uuid";
import type { Logger } from "pino";
import { castData, type EventContract } from "./contract.ts";
import { isTransient } from "./database.ts";
import {
  blockedKeys,
  blockKey,
  dueLetters,
  endLetter,
  keepLetter,
  type Lane,
  type OpenLetter,
  putAside,
  type Trouble,
} from "./dead-letters.ts";
import { type LogRow, PARTITIONS, type Received } from "./event.ts";
import type { LogReader } from "./log.ts";
import { type Consumer, type Ctx, Deferred, type Sql } from "./service.ts";
import type { Transact } from "./transact.ts";

/** Events per transaction. */
const BATCH = 1_000;
/** A deferred event looks again by itself after this long, should the release have been missed. */
const DEFERRED_RETRY_MS = 30_000;
/** How often the first batch after a start may fail to come back before events are tried one by one … */
const SUSPICIOUS_STARTS = 1;
/** … and how often one event may end the process before it is put aside. */
const MAX_KILLS = 2;

/** Another copy has moved the cursor: whatever this one holds is stale. */
class Fenced extends Error {}

export type ConsumerStatus = {
  consumer: string;
  source: string;
  /** Null while all is well, else a sentence why nothing moves. */
  halted: string | null;
};

export type ConsumerRunner = {
  /** Applies what is there, one batch at most; returns how many events moved (0: caught up). */
  pass: () => Promise<number>;
  status: () => ConsumerStatus;
};

export type ConsumerParts = {
  consumer: Consumer;
  reader: LogReader;
  sql: Sql;
  transact: Transact;
  log: Logger;
  /** Every published version of the events it reads: how to lift what was written to what is wanted. */
  versions: readonly EventContract[];
  /** The partitions that belong to this copy at present. */
  partitions?: () => readonly number[];
  batchSize?: number;
};

type Cursor = { partition: number; position: number; epoch: number };

export function createConsumer(parts: ConsumerParts): ConsumerRunner {
  const { consumer, log } = parts;
  const lane: Lane = { consumer: consumer.name, source: consumer.source };
  const wanted = new Map(consumer.events.map((contract) => [contract.type, contract]));
  const written = new Map(parts.versions.map((contract) => [`${contract.type} ${contract.version}`, contract]));
  const types = [...wanted.keys()];
  const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  const partitions = parts.partitions ?? (() => all);
  const batchSize = parts.batchSize ?? BATCH;

  let cursors: Map<number, Cursor> | undefined;
  let halted: string | null = null;
  // Until a first batch has gone through, the start is on probation: see `onProbation`.
  let proven = false;
  let lookForDue = true;

  const pass = async (): Promise<number> => {
    try {
      cursors ??= await loadCursors();
      const mine = partitions()
        .map((partition) => cursors?.get(partition))
        .filter((cursor) => cursor !== undefined);
      if (mine.length === 0) return 0;
      const redriven = lookForDue ? await redrive(mine) : 0;
      const rows = await parts.reader.read(mine, types, Math.max(16, Math.ceil(batchSize / mine.length)));
      assertContiguous(mine, rows);
      halted = null;
      // Letters may become due by time or by request at any moment, so they are looked for whenever there is a pause.
      lookForDue ||= rows.length === 0;
      if (rows.length === 0) {
        const late = redriven === 0 ? await redrive(mine) : redriven;
        return late;
      }
      const careful = !proven && (await onProbation(rows));
      await apply(rows, careful);
      proven = true;
      return rows.length + redriven;
    } catch (error) {
      cursors = undefined;
      if (error instanceof Fenced) return 0;
      halted = error instanceof Error ? error.message : String(error);
      throw error;
    }
  };

  /** Reads the cursors, creating those that are missing, and refuses to go on when they are ahead of the log. */
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
    for (const row of rows) {
      const head = heads.find((h) => h.partition === row.partition);
      if (head !== undefined && row.position > head.position) {
        throw new Error(
          `${lane.consumer} has read up to ${row.position} in partition ${row.partition} of ${lane.source}, but its log ends ` +
            `at ${head.position}: the log was set back. Nothing is read until somebody decides (popug restored).`,
        );
      }
    }
    return new Map(rows.map((row) => [row.partition, row]));
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
   * Counts this start, before anything is tried. True when starts before it ended in the first batch: then events are tried
   * one by one, each noted beforehand, so that one which ends the process is recognised.
   */
  const onProbation = async (rows: readonly LogRow[]): Promise<boolean> => {
    const counted = await parts.sql<{ starts: number }>(
      `update cursor set starts = starts + 1 where consumer = $1 and source = $2 and partition = any($3) returning starts`,
      [lane.consumer, lane.source, [...new Set(rows.map((row) => row.partition))]],
    );
    return counted.some((row) => row.starts > SUSPICIOUS_STARTS);
  };

  /**
   * Applies rows in one transaction. When the work itself fails, halves are tried, down to the one event that cannot be
   * applied: it is put aside, and everything else goes through.
   */
  const apply = async (rows: readonly LogRow[], careful = false): Promise<void> => {
    if (careful && rows.length > 1) {
      for (const row of rows) await apply([row], true);
      await parts.sql("update cursor set starts = 0 where consumer = $1 and source = $2 and starts > 0", [
        lane.consumer,
        lane.source,
      ]);
      return;
    }
    const only = rows.length === 1 ? rows[0] : undefined;
    if (careful && only !== undefined && (await killsBefore(only)) >= MAX_KILLS) {
      await setAside(only, { status: "dead", reason: "the process ended each time this event was tried" });
      return;
    }
    try {
      await inTransaction(rows, handleLive, careful);
    } catch (error) {
      if (isTransient(error) || error instanceof Fenced) throw error;
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

  const killsBefore = async (row: LogRow): Promise<number> => {
    const counted = await parts.sql<{ kills: number }>(
      `update cursor
          set suspect_attempts = case when suspect_position = $4 then suspect_attempts + 1 else 0 end, suspect_position = $4
        where consumer = $1 and source = $2 and partition = $3 returning suspect_attempts as kills`,
      [lane.consumer, lane.source, row.partition, row.position],
    );
    return counted[0]?.kills ?? 0;
  };

  const setAside = (row: LogRow, trouble: Trouble) =>
    inTransaction([row], (ctx) => putAside(ctx.sql, lane, [{ event: row, trouble }], DEFERRED_RETRY_MS));

  /** One transaction: the compare-and-set on the cursors first, then the work. */
  const inTransaction = async (
    rows: readonly LogRow[],
    work: (ctx: Ctx, rows: readonly LogRow[]) => Promise<void>,
    onTrial = false,
  ): Promise<void> => {
    const moves = new Map<number, { old: number; last: LogRow }>();
    for (const row of rows) {
      const move = moves.get(row.partition);
      if (move === undefined) moves.set(row.partition, { old: row.position - 1, last: row });
      else move.last = row;
    }
    await parts.transact(origin(rows), async (ctx) => {
      const moved = await ctx.sql(
        `update cursor c set position = move.new, epoch = move.epoch, starts = case when $7 then c.starts else 0 end
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
          onTrial,
        ],
      );
      if (moved.length !== moves.size) throw new Fenced("the cursor was moved by another copy");
      await work(ctx, rows);
    });
    for (const [partition, move] of moves) {
      cursors?.set(partition, { partition, position: move.last.position, epoch: move.last.epoch });
    }
  };

  /** Handles a batch: parks what stands behind a blocked key, puts aside what cannot be read, hands over the rest. */
  const handleLive = async (ctx: Ctx, rows: readonly LogRow[]): Promise<void> => {
    const interesting = rows.filter((row) => wanted.has(row.type));
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
      const received = receive(row);
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

  /** Validates an event and casts it to the version that the consumer reads; a text says why that is impossible. */
  const receive = (row: LogRow, data: unknown = row.data): Received | string => {
    const contract = wanted.get(row.type) as EventContract;
    const writer = written.get(`${row.type} ${row.version}`);
    if (writer === undefined) return `version ${row.version} of ${row.type} is not known here`;
    const problem = writer.readProblem(data);
    if (problem !== null) return `not a valid ${row.type} v${row.version}: ${problem}`;
    const cast = castData(writer, contract, data);
    if (cast === undefined) return `no cast leads from v${row.version} of ${row.type} to v${contract.version}`;
    return { ...row, data: cast as never };
  };

  /** Tries letters that are due, each key in order, each event in a transaction that holds the partition's cursor. */
  const redrive = async (mine: readonly Cursor[]): Promise<number> => {
    const due = await dueLetters(
      parts.sql,
      lane,
      mine.map((cursor) => cursor.partition),
      100,
    );
    lookForDue = due.length > 0;
    for (const letter of due) await redriveOne(letter);
    return due.length;
  };

  const redriveOne = async (letter: OpenLetter): Promise<void> => {
    const holdCursor = async (ctx: Ctx) => {
      // Holding the row keeps live events of this partition out, and other copies from redriving the same letter.
      await ctx.sql("select 1 from cursor where consumer = $1 and source = $2 and partition = $3 for update", [
        lane.consumer,
        lane.source,
        letter.partition,
      ]);
      const still = await ctx.sql(
        "select 1 from dead_letter where id = $1 and status in ('dead', 'deferred', 'parked')",
        [letter.id],
      );
      if (still.length === 0) throw new Fenced("another copy has redriven it");
    };
    try {
      await parts.transact(origin([letter.event]), async (ctx) => {
        await holdCursor(ctx);
        const received = receive(letter.event, letter.edited ?? letter.event.data);
        if (typeof received === "string") throw new Error(received);
        assertSameKey(received, letter);
        await consumer.handle(ctx, [received]);
        await endLetter(ctx.sql, letter.id);
      });
    } catch (error) {
      if (isTransient(error) || error instanceof Fenced) throw error;
      log.warn({ err: error, ...lane, letter: letter.id }, "redrive failed");
      await parts.transact(origin([letter.event]), async (ctx) => {
        await holdCursor(ctx);
        await keepLetter(ctx.sql, letter.id, troubleOf(error), DEFERRED_RETRY_MS);
      });
    }
  };

  const assertSameKey = (received: Received, letter: OpenLetter) => {
    const key = wanted.get(received.type)?.key;
    if (key && String((received.data as Record<string, unknown>)[key]) !== letter.key) {
      throw new Error(`an edit must not change the key: ${key} has to stay ${letter.key}`);
    }
  };

  const origin = (rows: readonly LogRow[]) => {
    const first = rows[0] as LogRow;
    const single = rows.length === 1;
    return {
      correlationId: single ? first.correlationId : uuidv7(),
      actor: single ? first.actor : (`system:${consumer.name}` as const),
      command: consumer.command,
      traceparent: single ? first.traceparent : null,
      ...(single && { causedBy: first }),
    };
  };

  return { pass, status: () => ({ consumer: consumer.name, source: consumer.source, halted }) };
}

function troubleOf(error: unknown): Trouble {
  const reason = error instanceof Error ? error.message : String(error);
  return error instanceof Deferred
    ? { status: "deferred", reason, waitsFor: error.waitsFor }
    : { status: "dead", reason };
}
