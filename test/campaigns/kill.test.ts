/**
 * The whole process is killed under load, again and again, and so is its database: what was acknowledged is there, once.
 * `POPUG_SEED` and `POPUG_RUNS` (kills; a fifth as many stops of the database) choose another campaign.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { campaign, seededRandom } from "../kit/random.ts";
import { assertAllThereOnce, assertMailsOut, comeToRest } from "./acknowledged.ts";
import { assertAllClosed, assertClosedIsExact } from "./books-proof.ts";
import { createInstallation } from "./installation.ts";
import { startLoad } from "./load.ts";

const { runs: kills, firstSeed } = campaign(10, 100);
const databaseStops = Math.max(3, Math.ceil(kills / 5));

test(`${kills} kills of the process and ${databaseStops} crashes of its database lose and double nothing`, async (t) => {
  const random = seededRandom(firstSeed);
  const begun = performance.now();
  const installation = await createInstallation();
  try {
    await installation.start();
    const load = startLoad(installation, seededRandom(firstSeed + 1), 6);
    const faults = shuffled([...Array(kills).fill("kill"), ...Array(databaseStops).fill("database")], random.below);
    const recoveries: number[] = [];
    let inARow = 0;
    for (const fault of faults) {
      const afterMs = 50 + random.below(1_200);
      await load.nextAnswer();
      await delay(afterMs);
      const at = performance.now();
      // More crashes of a database than this within a minute are given up on, on purpose: then the process is killed.
      if (fault === "database" && inARow < 4) {
        inARow++;
        await installation.stopDatabase();
      } else {
        await installation.kill();
        if (random.chance(0.15)) await installation.startAndKill(random.below(1_500));
        await installation.start();
        inARow = 0;
        if (fault === "database") {
          await load.nextAnswer();
          await installation.stopDatabase();
        }
      }
      await load.nextAnswer();
      assert(installation.isRunning(), `the process ended by itself:\n${installation.said()}`);
      recoveries.push(performance.now() - at);
    }
    await load.stop();
    await installation.withDatabase(async (sql) => {
      await comeToRest(installation, () => sql);
      await assertAllThereOnce(sql, load);
      await assertAllClosed(sql, "after all kills");
      // Statistics that crashes have kept from being made: without them the questions below are planned as for empty tables.
      await sql("analyze");
      await assertClosedIsExact(sql, 1, "after all kills");
      await assertMailsOut(() => sql, installation.dataDir);
    });
    const verdict = JSON.parse(await installation.popug("verify", "--json"));
    assert.deepEqual([verdict.ok, verdict.findings], [true, []]);
    assert.equal(await installation.stop(), 0);
    recoveries.sort((a, b) => a - b);
    const ms = (share: number) => Math.round(recoveries[Math.floor((recoveries.length - 1) * share)] as number);
    t.diagnostic(
      `seed ${firstSeed}: ${kills} kills, ${databaseStops} crashes of the database; ${load.answered} commands answered, ` +
        `${load.repeated} tries without an answer, ${verdict.periods.length} periods, ${verdict.events} events; back at work ` +
        `after ${ms(0.5)} ms (median), ${ms(1)} ms (longest); ${((performance.now() - begun) / 1_000).toFixed(0)} s`,
    );
  } catch (error) {
    t.diagnostic(`seed ${firstSeed}; it said at last:\n${installation.said()}`);
    throw error;
  } finally {
    await installation.remove();
  }
});

function shuffled<T>(list: T[], below: (n: number) => number): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}
