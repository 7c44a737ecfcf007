/**
 * Chaos on the cluster: whatever dies, stands still, is cut off or forgets, under load and sometimes two at once. After each fault
 * everything is heard again by itself; in the end every period closes, and what was acknowledged is there, once.
 * Fault n has seed n: `POPUG_SEED` names the first and `POPUG_RUNS` how many, so that a campaign goes on where another ended.
 */
import { test } from "node:test";
import { skip } from "../cluster/brokers.ts";
import { campaign } from "../kit/random.ts";
import { playFaults } from "./play.ts";

/** A cluster bears so many seeds, which takes less than twenty minutes; the next ones happen to a new one. */
const PER_CLUSTER = 40;
const CLUSTER_WITHIN_MS = 20 * 60_000;

const { runs, firstSeed } = campaign(200, 200);

for (let first = firstSeed; first < firstSeed + runs; first += PER_CLUSTER) {
  const last = Math.min(first + PER_CLUSTER, firstSeed + runs) - 1;
  test(
    `faults ${first} to ${last} lose and double nothing, and everything goes on by itself`,
    {
      skip,
      timeout: CLUSTER_WITHIN_MS,
    },
    (t) => playFaults(t, { first, last }, { size: 3 }),
  );
}
