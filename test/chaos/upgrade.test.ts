/** A rolling upgrade under load: copies of the version before the last migration are replaced one by one. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, rmSync, symlinkSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { skip } from "../cluster/brokers.ts";
import { seededRandom } from "../kit/random.ts";
import { startCluster } from "./cluster.ts";
import { assertExact, heardByAll } from "./proof.ts";

const here = resolve(import.meta.dirname, "../..");
const git = (...args: string[]) => spawnSync("git", args, { cwd: here, encoding: "utf8" });

/** The commit before the one that last changed a migration; undefined where the history does not go back to it. */
function previousVersion(): string | undefined {
  const migrations = ["src/platform/installation/*.sql", "src/**/migrations/*.sql"].map((path) => `:(glob)${path}`);
  const last = git("log", "-1", "--format=%H", "--", ...migrations).stdout?.trim();
  const found = last ? git("rev-parse", "--verify", "--quiet", `${last}^`).stdout.trim() : "";
  return found === "" ? undefined : found;
}

/** Checks it out beside us; with our dependencies where they are the same, else it installs its own. */
async function checkOut(commit: string): Promise<string> {
  const tree = await mkdtemp(join(tmpdir(), "popug-previous-"));
  after(() => rmSync(tree, { recursive: true, force: true, maxRetries: 5 }));
  execFileSync("/bin/sh", ["-c", 'git archive "$1" | tar -x -C "$2"', "sh", commit, tree], { cwd: here });
  const lock = (folder: string) => readFile(join(folder, "package-lock.json"), "utf8");
  if ((await lock(here)) !== (await lock(tree))) return tree;
  for (const folder of ["node_modules", "web/node_modules", "runtime/node_modules"]) {
    if (existsSync(join(here, folder))) symlinkSync(join(here, folder), join(tree, folder));
  }
  cpSync(join(here, "web/dist"), join(tree, "web/dist"), { recursive: true });
  return tree;
}

const previous = previousVersion();
const why =
  skip || (previous === undefined && "The version before the last migration is not in the history of this checkout.");

test("copies of the previous version are replaced one by one under load, and nothing is lost or doubled", {
  skip: why,
  timeout: 20 * 60_000,
}, async (t) => {
  assert(previous);
  const cluster = await startCluster({ size: 3, tree: await checkOut(previous) });
  try {
    const load = cluster.startLoad(seededRandom(1));
    for (let i = 0; i < 50; i++) await load.nextAnswer();
    for (const copy of cluster.copies) {
      await copy.signal("SIGTERM");
      await load.nextAnswer();
      await cluster.bringBack(copy);
      // Both versions are at work.
      for (let i = 0; i < 50; i++) await load.nextAnswer();
      await heardByAll(cluster);
    }
    await load.stop();
    const verdict = await assertExact(cluster, load);
    t.diagnostic(
      `from ${previous.slice(0, 7)}: ${load.answered} commands answered, ${load.repeated} tries without an answer, ` +
        `${verdict.periods.length} periods, ${verdict.events} events`,
    );
  } catch (error) {
    t.diagnostic(`it said at last:\n${cluster.said()}`);
    throw error;
  } finally {
    await cluster.stop();
  }
});
