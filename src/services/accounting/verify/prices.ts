/** Prices: what is stored against what was published when they were drawn. */
import { PARTITIONS } from "../../../platform/event.ts";
import type { Sql } from "../../../platform/service.ts";
import { ownEvents } from "./read.ts";

/** Prices against their events; returns the published seals by period. */
export async function verifyOwnLog(sql: Sql, find: (text: string) => void): Promise<Map<number, string>> {
  const seals = new Map<number, string>();
  let published = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const events of ownEvents(sql, partition, ["task.priced", "billing.closed"])) {
      for (const { type, data } of events) {
        if (type === "billing.closed") seals.set(Number(data["period"]), String(data["seal"]));
      }
      const priced = events.filter((event) => event.type === "task.priced").map((event) => event.data);
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
  if (stored?.count !== published) find(`${stored?.count} prices are stored, ${published} were published`);
  return seals;
}

/** Prices by task, as they are stored. */
export async function loadPrices(sql: Sql, taskIds: string[]): Promise<Map<string, { fee: number; reward: number }>> {
  const rows = await sql<{ id: string; fee: number; reward: number }>(
    "select task_id as id, fee_minor as fee, reward_minor as reward from price where task_id = any($1::uuid[])",
    [taskIds],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
