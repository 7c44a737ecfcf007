/** Plays faults on a cluster under load: after each of them everything goes on by itself, and in the end the books are exact. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { seededRandom } from "../kit/random.ts";
import { type ClusterOptions, startCluster } from "./cluster.ts";
import { drawFaults } from "./faults.ts";
import { assertExact, heardByAll } from "./proof.ts";

/** @param seeds one for each fault (or two at once), from the first to the last */
export async function playFaults(
  t: TestContext,
  seeds: { first: number; last: number },
  options: ClusterOptions,
): Promise<void> {
  const begun = performance.now();
  const cluster = await startCluster(options);
  /** By kind, milliseconds from the end of a fault until all was heard. */
  const heardAfter = new Map<string, number[]>();
  try {
    const load = cluster.startLoad(seededRandom(seeds.first));
    await load.nextAnswer();
    for (let seed = seeds.first; seed <= seeds.last; seed++) {
      const faults = drawFaults(cluster, seededRandom(seed), load);
      const told = await Promise.all(faults.map(({ run }) => run()));
      const over = performance.now();
      await load.nextAnswer();
      const answeredMs = performance.now() - over;
      await heardByAll(cluster);
      const heardMs = performance.now() - over;
      for (const { kind } of faults) heardAfter.set(kind, [...(heardAfter.get(kind) ?? []), heardMs]);
      const story = faults.map(({ kind, to }, i) => `${kind} (${[to, told[i]].filter(Boolean).join("; ")})`);
      console.log(
        `seed ${seed}: ${story.join(" and ")}: answered after ${answeredMs.toFixed(0)} ms, heard after ${heardMs.toFixed(0)} ms`,
      );
      for (const { child, services, said } of cluster.copies) {
        assert.equal(child().exitCode ?? child().signalCode, null, `${services.join()} ended by itself:\n${said()}`);
      }
    }
    await load.stop();
    const verdict = await assertExact(cluster, load);
    const all = [...heardAfter.values()].flat();
    t.diagnostic(
      `${all.length} faults; ${load.answered} commands answered, ${load.repeated} tries without an answer, ` +
        `${verdict.periods.length} periods, ${verdict.events} events; ${((performance.now() - begun) / 1_000).toFixed(0)} s`,
    );
    for (const [kind, times] of heardAfter) {
      times.sort((a, b) => a - b);
      const [median, longest] = [times[Math.floor(times.length / 2)], times.at(-1)];
      t.diagnostic(
        `${times.length} × ${kind}: all was heard after ${median?.toFixed(0)} ms (median), ${longest?.toFixed(0)} ms (longest)`,
      );
    }
  } catch (error) {
    t.diagnostic(`it said at last:\n${cluster.said()}`);
    throw error;
  } finally {
    await cluster.stop();
  }
}
