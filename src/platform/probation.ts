/**
 * Recognises an event that ends the process: nothing can be caught then, so everything is noted beforehand, in a
 * transaction of its own. After a start whose predecessor did not get through its first batch, events are tried one by
 * one; the one that was being tried in several ends is put aside.
 */
import type { Lane } from "./dead-letters.ts";
import type { LogRow } from "./event.ts";
import type { Sql } from "./service.ts";

/** How often the first batch after a start may fail to come back before events are tried one by one … */
const SUSPICIOUS_STARTS = 1;
/**
 * … and how often one event may end the process before it is put aside. A process that others kill again and again is
 * always killed at some event's trial: with two ends as proof, a campaign of a hundred random kills convicted innocents.
 */
const MAX_KILLS = 5;

export type Probation = {
  /** Counts this start for the partitions of the rows. True when they have to be tried one by one. */
  begin: (rows: readonly LogRow[]) => Promise<boolean>;
  /** Notes that an event is about to be tried alone. True when it has ended the process too often. */
  isKiller: (row: LogRow) => Promise<boolean>;
  /** A first batch went through; said of all partitions that are worked on here, and of no others. */
  pass: (partitions: readonly number[]) => Promise<void>;
};

/** One suspect at a time in this process: when it ends, the one that was being tried is the one that did it. */
let lastTrial: Promise<unknown> = Promise.resolve();

/** Runs `work` when no other suspect of this process is being tried. */
export function tryAlone<T>(work: () => Promise<T>): Promise<T> {
  const next = lastTrial.then(work, work);
  lastTrial = next.catch(() => {});
  return next;
}

/** What this process has noted is counted once, however often it repeats: a try that failed and came back killed nobody. */
export function createProbation(lane: Lane, sql: Sql): Probation {
  const starts = new Map<number, number>();
  const noted = new Map<number, number>();

  return {
    begin: async (rows) => {
      const partitions = [...new Set(rows.map((row) => row.partition))];
      const counted = await sql<{ partition: number; starts: number }>(
        `update cursor set starts = least(starts + 1, 1000)
          where consumer = $1 and source = $2 and partition = any($3) returning partition, starts`,
        [lane.consumer, lane.source, partitions.filter((partition) => !starts.has(partition))],
      );
      for (const row of counted) starts.set(row.partition, row.starts);
      return partitions.some((partition) => (starts.get(partition) ?? 0) > SUSPICIOUS_STARTS);
    },
    isKiller: async (row) => {
      if (noted.get(row.partition) === row.position) return false;
      const [cursor] = await sql<{ kills: number }>(
        `update cursor
            set suspect_attempts = case when suspect_position = $4 then suspect_attempts + 1 else 0 end, suspect_position = $4
          where consumer = $1 and source = $2 and partition = $3 returning suspect_attempts as kills`,
        [lane.consumer, lane.source, row.partition, row.position],
      );
      noted.set(row.partition, row.position);
      return (cursor?.kills ?? 0) >= MAX_KILLS;
    },
    pass: async (partitions) => {
      await sql(
        "update cursor set starts = 0 where consumer = $1 and source = $2 and partition = any($3) and starts > 0",
        [lane.consumer, lane.source, partitions],
      );
      starts.clear();
    },
  };
}
