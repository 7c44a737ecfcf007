/**
 * Tries letters again that are due, each key in order, each in a transaction that holds the partition's cursor: so it
 * cannot overtake live events of its key, and they cannot overtake it.
 */
import type { Logger } from "pino";
import { isTransient } from "./database.ts";
import {
  DEFERRED_RETRY_MS,
  dueLetters,
  endLetter,
  keepLetter,
  type Lane,
  lockLetter,
  troubleOf,
} from "./dead-letters.ts";
import type { LogRow, Received } from "./event.ts";
import type { Origin } from "./outbox.ts";
import type { Reception } from "./reception.ts";
import type { Consumer, Ctx, Sql } from "./service.ts";
import type { Transact } from "./transact.ts";

/** Letters per call, at most one of each key. */
const LETTERS = 100;

/** Another copy has done it: whatever this one holds is stale. */
export class Fenced extends Error {}

type Parts = {
  consumer: Consumer;
  lane: Lane;
  reception: Reception;
  sql: Sql;
  transact: Transact;
  log: Logger;
  origin: (rows: readonly LogRow[]) => Origin;
};

/** Returns a function that tries what is due in the given partitions, and how many letters that were. */
export function createRedrive(parts: Parts): (partitions: readonly number[]) => Promise<number> {
  const { consumer, lane, log } = parts;

  const holdCursor = (ctx: Ctx, partition: number) =>
    ctx.sql("select 1 from cursor where consumer = $1 and source = $2 and partition = $3 for update", [
      lane.consumer,
      lane.source,
      partition,
    ]);

  const redriveOne = async (id: string, event: LogRow): Promise<void> => {
    // What was asked for when this try began; a later request (with another edit, perhaps) is for the next try.
    let askedAt: string | null = null;
    try {
      await parts.transact(parts.origin([event]), async (ctx) => {
        await holdCursor(ctx, event.partition);
        const letter = await lockLetter(ctx.sql, id);
        if (letter === undefined) throw new Fenced("another copy has redriven it, or it was discarded");
        askedAt = letter.redriveAt;
        const received = parts.reception.receive(event, letter.edited ?? event.data);
        if (typeof received === "string") throw new Error(received);
        if (letter.edited !== null) assertMayBe(received, event, parts.reception);
        await consumer.handle(ctx, [received]);
        await endLetter(ctx.sql, id);
      });
    } catch (error) {
      if (isTransient(error) || error instanceof Fenced) throw error;
      log.warn({ err: error, ...lane, letter: id }, "redrive failed");
      await parts.transact(parts.origin([event]), async (ctx) => {
        await holdCursor(ctx, event.partition);
        await keepLetter(ctx.sql, id, troubleOf(error), DEFERRED_RETRY_MS, askedAt);
      });
    }
  };

  return async (partitions) => {
    const due = await dueLetters(parts.sql, lane, partitions, LETTERS);
    for (const letter of due) await redriveOne(letter.id, letter.event);
    return due.length;
  };
}

/** An edit mends what the event says, not whose it is or which period it counts for. */
function assertMayBe(received: Received, event: LogRow, { wanted }: Reception): void {
  const data = received.data as Record<string, unknown>;
  const key = wanted.get(received.type)?.key;
  if (key && String(data[key]) !== event.key) {
    throw new Error(`an edit must not change the key: ${key} has to stay ${event.key}`);
  }
  const period = (event.data as Record<string, unknown> | null)?.["period"];
  if (period !== undefined && data["period"] !== period) {
    throw new Error(`an edit must not change the period: it has to stay ${JSON.stringify(period)}`);
  }
}
