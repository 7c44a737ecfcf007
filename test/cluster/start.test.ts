/** `npm run cluster`, as a developer starts and ends it. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { after, test } from "node:test";
import { until } from "../kit/until.ts";
import { skip } from "./brokers.ts";

const script = resolve(import.meta.dirname, "../../cluster/start.ts");
const bounded = { skip, timeout: 300_000 };
const started: ChildProcess[] = [];
after(() => {
  for (const child of started) child.kill("SIGTERM");
});

async function startCluster() {
  const { KAFKA_BROKERS: _, ...env } = process.env;
  const child = spawn(process.execPath, [script], { env, stdio: ["ignore", "pipe", "inherit"] });
  started.push(child);
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [, seconds, url] = await until(
    async () => {
      assert.equal(child.exitCode, null, said);
      return /ready after (\d+) s: (\S+)/.exec(said) ?? undefined;
    },
    { withinMs: 200_000, everyMs: 100, late: () => `not ready:\n${said}` },
  );
  return { child, seconds, url, folder: /POPUG_DATA=(\S+)/.exec(said)?.[1] ?? assert.fail(said) };
}

/** Processes that have the folder among their words. */
const runningIn = (folder: string) => spawnSync("pgrep", ["-f", folder], { encoding: "utf8" }).stdout.trim();

const leavesNothing = (folder: string) =>
  until(async () => (runningIn(folder) === "" && !existsSync(folder)) || undefined, {
    ...{ withinMs: 90_000, everyMs: 200, late: () => `left behind: ${folder}, processes ${runningIn(folder)}` },
  });

test("the cluster starts, every copy is ready, and Ctrl-C leaves nothing behind", bounded, async (t) => {
  const { child, seconds, url, folder } = await startCluster();
  t.diagnostic(`ready after ${seconds} s`);
  const answer = await until(
    async () => {
      const found = await fetch(`${url}/readyz`);
      return found.ok ? found : undefined;
    },
    { withinMs: 30_000, everyMs: 100, late: () => "the entry is not ready" },
  );
  assert.deepEqual(await answer.json(), { ok: true, problems: [] });
  const ended = once(child, "exit");
  child.kill("SIGINT");
  assert.deepEqual(await ended, [0, null]);
  await leavesNothing(folder);
});

test("a cluster whose parent is killed leaves nothing behind", bounded, async () => {
  const { child, folder } = await startCluster();
  child.kill("SIGKILL");
  await leavesNothing(folder);
});
