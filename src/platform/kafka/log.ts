/**
 * The log of a source as a consumer reads it from Kafka. It goes by positions: what is doubled is dropped, and what is
 * missing, or was given under another epoch, is read from the log itself. So the topic may be wiped, lose its newest records, or
 * be written by two relays at once, and a consumer reads exactly what it would have read from the log.
 */
import type { LogRow } from "../event.ts";
import type { LogReader, Place } from "../log.ts";
import { OffsetGone, type Topic, type TopicPart } from "./topic.ts";

/** Further ahead than this, a place is looked for instead of read up to. */
const FAR = 5_000;
/** So many answers without anything new are read in one go. */
const MAX_ROUNDS = 50;
/** What the log has and the topic has not after this long, is read from the log: the relay is not there, or late. */
const OVERDUE_MS = 5_000;

/** @param log the same events where they come from */
export function kafkaLog(topic: Topic, log: LogReader): LogReader {
  /** What was last read of each partition. */
  const windows = new Map<number, TopicPart>();
  /** Of each partition, as the log told it last. */
  const epochs = new Map<number, number>();
  let looked: { at: number; heads: ReadonlyMap<number, number> } | undefined;

  const heads = async () => {
    const found = await log.heads();
    for (const { partition, epoch } of found) epochs.set(partition, epoch);
    return found;
  };

  const fromLog = async (places: readonly Place[], types: readonly string[] | null, limitEach: number) => {
    const rows = places.length === 0 ? [] : await log.read(places, types, limitEach);
    for (const { partition, epoch } of rows) epochs.set(partition, Math.max(epoch, epochs.get(partition) ?? 0));
    return rows;
  };

  /** Fetches what follows the windows of these partitions; returns those of which something came. */
  const fetchMore = async (places: readonly Place[]): Promise<Place[]> => {
    const unknown = places.filter(({ partition, position }) => {
      const last = windows.get(partition)?.records.at(-1)?.event.position;
      return !windows.has(partition) || (last !== undefined && position - last > FAR);
    });
    if (unknown.length > 0) {
      const offsets = await topic.seek(new Map(unknown.map((place) => [place.partition, place.position])));
      for (const [partition, next] of offsets) windows.set(partition, { records: [], next });
    }
    const found = await topic.read(
      new Map(places.map(({ partition }) => [partition, windows.get(partition)?.next ?? 0n])),
    );
    for (const [partition, part] of found) windows.set(partition, part);
    return places.filter(({ partition }) => found.has(partition));
  };

  /** Where the log was further than this reader still is, a while ago: the topic will not tell. */
  const overdue = async (places: readonly Place[]): Promise<Place[]> => {
    const now = performance.now();
    if (looked !== undefined && now - looked.at < OVERDUE_MS) return [];
    const before = looked?.heads;
    // While the log cannot be asked, Kafka is all there is.
    const found = await heads().catch(() => []);
    looked = { at: now, heads: new Map(found.map((head) => [head.partition, head.position])) };
    return places.filter(({ partition, position }) => (before?.get(partition) ?? 0) > position);
  };

  return {
    heads,
    state: log.state,
    read: async (places, types, limitEach) => {
      if (epochs.size === 0) await heads();
      const runs: LogRow[][] = [];
      const gaps: Place[] = [];
      /** Whether the window has nothing for it, neither a run nor a gap. */
      const wants = (place: Place): boolean => {
        const { rows, gap } = runBehind(place, windows.get(place.partition), epochs.get(place.partition), limitEach);
        if (rows.length > 0) runs.push(rows);
        else if (gap) gaps.push(place);
        return rows.length === 0 && !gap;
      };
      let wanting = places.filter(wants);
      try {
        let more = wanting;
        for (let round = 0; more.length > 0 && round < MAX_ROUNDS; round++) {
          more = (await fetchMore(more)).filter(wants);
          const served = new Set([...runs.map((rows) => rows[0]?.partition), ...gaps.map((gap) => gap.partition)]);
          wanting = wanting.filter((place) => !served.has(place.partition));
        }
        gaps.push(...(await overdue(wanting)));
      } catch (error) {
        if (!(error instanceof OffsetGone)) throw error;
        windows.clear();
        gaps.push(...wanting);
      }
      const rows = [...runs.flat(), ...(await fromLog(gaps, types, limitEach))];
      return rows.sort((a, b) => a.partition - b.partition || a.position - b.position);
    },
  };
}

/** The contiguous run that the window holds behind a place; `gap`: it goes on, but not with the event that is next. */
function runBehind(
  { position }: Place,
  window: TopicPart | undefined,
  epoch: number | undefined,
  limit: number,
): { rows: LogRow[]; gap: boolean } {
  const rows: LogRow[] = [];
  for (const { event } of window?.records ?? []) {
    const next = position + rows.length + 1;
    if (rows.length === limit) break;
    if (event.position < next) continue;
    if (event.position > next || event.epoch !== epoch) return { rows, gap: true };
    rows.push(event);
  }
  return { rows, gap: false };
}
