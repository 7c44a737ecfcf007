/** Entries: postings as a popug reads them, one line of the audit log each. */
import { PARTITIONS } from "../../platform/event.ts";
import { Refusal } from "../../platform/refusal.ts";

/** The key of a posting: what was booked (source, epoch, partition, position) in which period, and which leg of it. */
export type EntryKey = {
  period: number;
  source: string;
  epoch: number;
  partition: number;
  position: number;
  leg: number;
};

/** `period-source-epoch-partition-position-leg`. */
export function entryIdOf(key: EntryKey): string {
  return `${key.period}-${key.source}-${key.epoch}-${key.partition}-${key.position}-${key.leg}`;
}

/** Reads an entry id; anything else is refused as not found, for no entry has it. */
export function parseEntryId(entryId: string): EntryKey {
  const match = /^(\d{1,9})-([a-z]{1,30})-(\d{1,9})-(\d{1,2})-(\d{1,15})-(\d{1,4})$/.exec(entryId);
  const [period, epoch, partition, position, leg] = [1, 3, 4, 5, 6].map((group) => Number(match?.[group])) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (match === null || partition >= PARTITIONS) {
    throw new Refusal("not-found", "entry-not-found", "There is no such entry.");
  }
  return { period, source: match[2] as string, epoch, partition, position, leg };
}
