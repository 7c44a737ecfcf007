/**
 * What a batch of accounting events adds up to: pure sums, so that a batch of any size costs the same few statements.
 * Sums do not depend on the order of partitions; within a partition the events of a task are in order.
 */
import type { entryPostedV1 } from "../../contracts/accounting/entry.posted.v1.ts";
import type { DataOf } from "../../platform/contract.ts";
import { checksumOf, type EventMeta, type Received } from "../../platform/event.ts";

export type EntryPosted = Received<typeof entryPostedV1>;
type Entry = DataOf<typeof entryPostedV1>["entries"][number];

/** What the entries of a batch add to a day; fees are positive here: they are the company's income. */
export type DayChange = {
  businessDate: string;
  currency: string;
  feesMinor: number;
  rewardsMinor: number;
  doneCount: number;
  asOf: Date;
};

/** What they change about a task on a day; user and time are those of the newest reward, null if only taken back. */
export type CompletionChange = {
  businessDate: string;
  taskId: string;
  net: number;
  rewardMinor: number;
  userId: string | null;
  completedAt: string | null;
};

/** How many events of a type and period came through a partition, with the checksum that barriers carry, too. */
export type Arrival = { period: number; partition: number; type: string; count: number; checksum: number };

/** Money of the batch by day, by popug (all kinds of entries) and by finished task. Sorted, so that writers do not deadlock. */
export function sumEntries(events: readonly EntryPosted[]): {
  days: DayChange[];
  balances: { userId: string; changeMinor: number }[];
  completions: CompletionChange[];
} {
  const days = new Map<string, DayChange>();
  const balances = new Map<string, number>();
  const completions = new Map<string, CompletionChange>();
  for (const { data, time } of events) {
    const { businessDate, currency } = data;
    const day = within(days, businessDate, () => ({
      businessDate,
      currency,
      feesMinor: 0,
      rewardsMinor: 0,
      doneCount: 0,
      asOf: time,
    }));
    if (time > day.asOf) day.asOf = time;
    for (const entry of data.entries) {
      balances.set(entry.userId, (balances.get(entry.userId) ?? 0) + entry.amountMinor);
      if (entry.kind === "fee") day.feesMinor -= entry.amountMinor;
      if (entry.kind !== "reward" && entry.kind !== "reward-reversal") continue;
      day.rewardsMinor += entry.amountMinor;
      day.doneCount += entry.kind === "reward" ? 1 : -1;
      if (entry.taskId !== null) addCompletion(completions, businessDate, entry.taskId, entry);
    }
  }
  return {
    days: sortBy([...days.values()], (day) => day.businessDate),
    balances: sortBy(
      [...balances].map(([userId, changeMinor]) => ({ userId, changeMinor })),
      (change) => change.userId,
    ),
    completions: sortBy([...completions.values()], (change) => change.businessDate + change.taskId),
  };
}

function addCompletion(into: Map<string, CompletionChange>, businessDate: string, taskId: string, entry: Entry): void {
  const change = within(into, `${businessDate} ${taskId}`, () => ({
    businessDate,
    taskId,
    net: 0,
    rewardMinor: Math.abs(entry.amountMinor),
    userId: null as string | null,
    completedAt: null as string | null,
  }));
  change.net += entry.kind === "reward" ? 1 : -1;
  if (entry.kind === "reward") {
    change.rewardMinor = entry.amountMinor;
    change.userId = entry.userId;
    change.completedAt = entry.occurredAt;
  }
}

/** Counts what arrived by the period on the envelope, as the sequencer counts for the barrier. */
export function countArrivals(events: readonly EventMeta[]): Arrival[] {
  const arrivals = new Map<string, Arrival>();
  for (const { period, partition, type, id } of events) {
    if (period === null) continue;
    const arrival = within(arrivals, `${period}/${partition}/${type}`, () => ({
      period,
      partition,
      type,
      count: 0,
      checksum: 0,
    }));
    arrival.count += 1;
    arrival.checksum += checksumOf(id);
  }
  return [...arrivals.values()].sort(
    (a, b) => a.period - b.period || a.partition - b.partition || (a.type < b.type ? -1 : 1),
  );
}

function within<T>(map: Map<string, T>, key: string, make: () => T): T {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

function sortBy<T>(items: T[], key: (item: T) => string): T[] {
  return items.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
