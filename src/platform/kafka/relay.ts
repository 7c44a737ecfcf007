/**
 * From log to topic, in the process of the producer. It stores no position: at the end of the topic stands how far it has got.
 * Each pass looks whether the end is where it left it; if not (another relay wrote, records were lost, the topic was wiped), the
 * last record is read again. Any number of relays do no harm, for readers go by positions.
 */
import type { Logger } from "pino";
import type { LogRow } from "../event.ts";
import type { LogReader } from "../log.ts";
import { BATCH_BYTES, saysOneOf, type Topic, type TopicWriter } from "./topic.ts";

/** Events of each partition per pass; of their bytes, as many as a read of the topic takes in at once. */
const EVENTS_EACH = 100;

export type RelayParts = {
  topic: Topic;
  writer: TopicWriter;
  /** The producer's own log. */
  log: LogReader;
  /** Those of this copy. */
  partitions: () => readonly number[];
  /** Makes the topic, if it is not there. */
  make: () => Promise<unknown>;
  /** Forgets what stands in front of these offsets. */
  shorten: (before: ReadonlyMap<number, bigint>) => Promise<unknown>;
  /** Called when readers will find these. */
  onRelayed: (rows: readonly LogRow[]) => Promise<unknown>;
  logger: Logger;
};

export type Relay = {
  /** Moves what is there, a bounded part of it; returns how many events. */
  pass: () => Promise<number>;
  close: () => Promise<void>;
};

/** A relay of one source. */
export function createRelay(parts: RelayParts): Relay {
  const { topic, log, logger } = parts;
  /** Of each partition, where the topic ended when it was left, and what its last record said. */
  const left = new Map<number, { next: bigint; position: number }>();
  let id: string | undefined;
  let made = false;
  let shortenedTo = 0;

  const pass = async (): Promise<number> => {
    const mine = parts.partitions();
    if (mine.length === 0) return 0;
    if (!made) await parts.make();
    made = true;
    const heads = await log.heads();
    const beginsAt = heads[0]?.beginsAt ?? 0;
    const present = await topic.id();
    if (present !== id) left.clear();
    id = present;
    const ends = await topic.ends();
    const moved = mine.filter((partition) => left.get(partition)?.next !== ends.get(partition)?.next);
    if (moved.length > 0) {
      const positions = await lastPositions(moved, ends, beginsAt);
      for (const [partition, position] of positions) {
        left.set(partition, { position, next: ends.get(partition)?.next ?? 0n });
      }
    }
    if (beginsAt > shortenedTo) await shorten(mine, beginsAt);
    const places = mine
      .map((partition) => ({ partition, position: left.get(partition)?.position ?? 0 }))
      .filter(({ partition, position }) => (heads[partition]?.position ?? 0) > position);
    const rows = places.length === 0 ? [] : bounded(await log.read(places, null, EVENTS_EACH));
    if (rows.length === 0) return 0;
    for (const [partition, next] of await parts.writer.append(rows)) {
      const last = rows.findLast((row) => row.partition === partition);
      if (last !== undefined) left.set(partition, { next, position: last.position });
    }
    await parts.onRelayed(rows);
    return rows.length;
  };

  /** How far the topic has got by its last records. One that the log does not hold (it was set back) counts as none. */
  const lastPositions = async (
    partitions: readonly number[],
    ends: Awaited<ReturnType<Topic["ends"]>>,
    beginsAt: number,
  ): Promise<Map<number, number>> => {
    const filled = partitions.filter((p) => (ends.get(p)?.next ?? 0n) > (ends.get(p)?.first ?? 0n));
    const tails = await topic.read(new Map(filled.map((p) => [p, (ends.get(p)?.next ?? 0n) - 1n])));
    // Taken for empty, it would be filled with the whole log again.
    const missing = filled.filter((partition) => !tails.has(partition));
    if (missing.length > 0)
      throw new Error(`${topic.name} does not tell its last records: partitions ${missing.join(", ")}`);
    const events = [...tails.values()].flatMap(({ records }) => records.at(-1)?.event ?? []);
    const places = events.map(({ partition, position }) => ({ partition, position: position - 1 }));
    const logged = new Set((places.length === 0 ? [] : await log.read(places, [], 1)).map((row) => row.id));
    const positions = new Map(partitions.map((partition) => [partition, Math.max(0, beginsAt - 1)]));
    for (const { id, partition, position } of events) {
      if (logged.has(id)) positions.set(partition, position);
      else
        logger.warn(
          { topic: topic.name, partition, position },
          "the log does not hold its last record; it begins anew",
        );
    }
    return positions;
  };

  const shorten = async (partitions: readonly number[], beginsAt: number) => {
    await parts.shorten(await topic.seek(new Map(partitions.map((partition) => [partition, beginsAt - 1]))));
    shortenedTo = beginsAt;
  };

  return {
    pass: async () => {
      try {
        return await pass();
      } catch (error) {
        // Whatever was half done is looked for in the topic.
        left.clear();
        if (saysOneOf(error, ["UNKNOWN_TOPIC_OR_PARTITION", "UNKNOWN_TOPIC_ID"]) || isUnknownTopic(error)) made = false;
        throw error;
      }
    },
    close: async () => {
      await Promise.all([topic.close(), parts.writer.close()]);
    },
  };
}

/** The client's own word for a topic that it cannot find. */
const isUnknownTopic = (error: unknown): boolean =>
  error instanceof Error &&
  (/Unknown topic/i.test(error.message) ||
    (error instanceof AggregateError && error.errors.some(isUnknownTopic)) ||
    isUnknownTopic(error.cause));

/** Of each partition as many as fit; a contiguous beginning of what was read. */
function bounded(rows: readonly LogRow[]): LogRow[] {
  const bytes = new Map<number, number>();
  return rows.filter((row) => {
    const before = bytes.get(row.partition) ?? 0;
    const size = Buffer.byteLength(JSON.stringify(row.data)) + 1_024;
    bytes.set(row.partition, before + size);
    return before === 0 || before + size <= BATCH_BYTES;
  });
}
