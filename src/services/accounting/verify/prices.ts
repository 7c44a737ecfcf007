/** Prices: what is stored against what was published when they were drawn. */
import { PARTITIONS } from "../../../platform/event.ts";
import type { Sql } from "../../../platform/service.ts";
import { minorPerUnit } from "../money.ts";
import { ownEvents } from "./read.ts";

/**
 * Prices against their events, and those whose event is kept no more against the checksum that it left; returns the published
 * seals by period, and how many prices have only the checksum.
 */
export async function verifyOwnLog(
  sql: Sql,
  find: (text: string) => void,
): Promise<{ seals: Map<number, string>; droppedPrices: number }> {
  const seals = new Map<number, string>();
  const bounds = await loadBounds(sql);
  let published = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const events of ownEvents(sql, partition, ["task.priced", "billing.closed"])) {
      for (const { type, data } of events) {
        if (type === "billing.closed") seals.set(Number(data["period"]), String(data["seal"]));
      }
      const pricings = events.filter((event) => event.type === "task.priced");
      for (const { data, period } of pricings) {
        if (!isWithin(data, bounds.get(period ?? 0)))
          find(`the price of task ${String(data["taskId"])} is not within what was set in period ${period}`);
      }
      const priced = pricings.map((event) => event.data);
      published += priced.length;
      const prices = await loadPrices(
        sql,
        priced.map((data) => String(data["taskId"])),
      );
      for (const data of priced) {
        const price = prices.get(String(data["taskId"]));
        if (price?.fee !== data["feeMinor"] || price?.reward !== data["rewardMinor"]) {
          find(`the price of task ${String(data["taskId"])} is not the one that was published`);
        }
      }
    }
  }
  const [stored] = await sql<{ count: number }>("select count(*) as count from price");
  const dropped = await compareDropped(sql, find);
  if (stored?.count !== published + dropped) {
    find(`${stored?.count} prices are stored, ${published + dropped} were published`);
  }
  return { seals, droppedPrices: dropped };
}

type Range = { from: number; to: number };
type Bounds = { currency: string; settings: { feeRange: Range; rewardRange: Range } };

/** What counted for draws in each period that says so. */
async function loadBounds(sql: Sql): Promise<Map<number, Bounds>> {
  const rows = await sql<Bounds & { number: number }>(
    "select number, currency, settings from period where settings is not null",
  );
  return new Map(rows.map((row) => [row.number, row]));
}

function isWithin(data: Record<string, unknown>, bounds: Bounds | undefined): boolean {
  if (bounds === undefined) return true;
  const unit = minorPerUnit(bounds.currency);
  const within = (minor: unknown, { from, to }: Range) => Number(minor) >= from * unit && Number(minor) <= to * unit;
  const { feeRange, rewardRange } = bounds.settings;
  const drawn = within(data["feeMinor"], feeRange) && within(data["rewardMinor"], rewardRange);
  return drawn && data["currency"] === bounds.currency;
}

/** All prices have to give the checksum of those that were dropped and those that are kept; returns how many were dropped. */
async function compareDropped(sql: Sql, find: (text: string) => void): Promise<number> {
  const [row] = await sql<{ dropped: number; fits: boolean }>(
    `select dropped.count as dropped,
            dropped.count = 0 or dropped.checksum + kept.checksum = stored.checksum as fits
       from (select coalesce(sum(count), 0)::bigint as count, coalesce(sum(checksum), 0) as checksum
               from log_dropped where type = 'task.priced') dropped
      cross join lateral (select coalesce(sum(event_digest(data)), 0) as checksum
                            from accounting.published where type = 'task.priced' and dropped.count > 0) kept
      cross join lateral (select coalesce(sum(event_digest(jsonb_build_object('taskId', task_id, 'feeMinor', fee_minor,
                                                'rewardMinor', reward_minor, 'currency', currency))), 0) as checksum
                            from price where dropped.count > 0) stored`,
  );
  if (row?.fits !== true) {
    find(
      `the prices are not those that were published: ${row?.dropped} of them left another checksum in the log of accounting`,
    );
  }
  return row?.dropped ?? 0;
}

/** Prices by task, as they are stored. */
export async function loadPrices(sql: Sql, taskIds: string[]): Promise<Map<string, { fee: number; reward: number }>> {
  const rows = await sql<{ id: string; fee: number; reward: number }>(
    "select task_id as id, fee_minor as fee, reward_minor as reward from price where task_id = any($1::uuid[])",
    [taskIds],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
