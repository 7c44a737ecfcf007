/** What has to be true of a cluster: soon after each fault, and when all of them are over. */
import assert from "node:assert/strict";
import { assertAllThereOnce, assertMailsOut, comeToRest } from "../campaigns/acknowledged.ts";
import { assertAllClosed, assertClosedIsExact } from "../campaigns/books-proof.ts";
import type { Load } from "../campaigns/load.ts";
import { SERVICES } from "../kit/databases.ts";
import { until } from "../kit/until.ts";
import type { Cluster } from "./cluster.ts";

const HEARD_WITHIN_MS = 90_000;

/** Every period closes, the books are exact, and what was acknowledged is there once; returns the verdict of `popug verify`. */
export async function assertExact(cluster: Cluster, load: Load): Promise<{ periods: unknown[]; events: number }> {
  await comeToRest(cluster, cluster.ownerOf);
  await assertAllThereOnce(cluster.ownerOf("tasks"), load);
  await cluster.withWhole(async (owner) => {
    await assertAllClosed(owner, "after all faults");
    await assertClosedIsExact(owner, 1, "after all faults");
  });
  await assertMailsOut(cluster.ownerOf, cluster.dataDir);
  const verdict = JSON.parse(await cluster.popug("verify", "--json"));
  assert.deepEqual([verdict.ok, verdict.findings], [true, []]);
  return verdict;
}

/** Until what is in the outboxes and logs now was heard by everybody who hears it. */
export async function heardByAll({ ownerOf, said }: Cluster): Promise<void> {
  const heads = new Map<string, number>();
  const outboxes = new Map<string, number>();
  for (const service of SERVICES) {
    const [last] = await ownerOf(service)<{ id: number | null }>(`select max(seq) as id from ${service}.outbox`);
    outboxes.set(service, last?.id ?? 0);
  }
  let left: string[] = [];
  await until(
    async () => {
      left = [];
      for (const service of SERVICES) {
        const [first] = await ownerOf(service)<{ id: number | null }>(`select min(seq) as id from ${service}.outbox`);
        if ((first?.id ?? Number.POSITIVE_INFINITY) <= (outboxes.get(service) ?? 0)) left.push(`outbox of ${service}`);
      }
      if (left.length > 0) return undefined;
      if (heads.size === 0) {
        for (const service of SERVICES) {
          const rows = await ownerOf(service)<{ partition: number; position: number }>(
            `select partition, position from ${service}.log_head`,
          );
          for (const { partition, position } of rows) heads.set(`${service}/${partition}`, position);
        }
      }
      for (const service of SERVICES) {
        const cursors = await ownerOf(service)<{ consumer: string; place: string; position: number }>(
          `select consumer, source || '/' || partition as place, position from ${service}.cursor`,
        );
        for (const { consumer, place, position } of cursors) {
          const behind = (heads.get(place) ?? 0) - position;
          if (behind > 0) left.push(`${service} ${consumer} ${place}: ${behind}`);
        }
      }
      return left.length === 0 || undefined;
    },
    { withinMs: HEARD_WITHIN_MS, everyMs: 50, late: () => `not everything is heard:\n${left.join("\n")}\n${said()}` },
  );
}
