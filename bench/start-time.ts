/** From the command to the ready line: on an empty folder, and again on the same one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Measure } from "./measure.ts";

export const startTime: Measure = {
  name: "start",
  runs: 3,
  run: async () => {
    const folder = await mkdtemp(join(tmpdir(), "popug-bench-"));
    const cold = await start(folder);
    const warm = await start(folder);
    rmSync(folder, { recursive: true, force: true });
    return {
      "cold start to ready, s": cold.seconds,
      "warm start to ready, s": warm.seconds,
      "stop, s": warm.stopSeconds,
    };
  },
};

async function start(folder: string): Promise<{ seconds: number; stopSeconds: number }> {
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const begin = performance.now();
  const child = spawn(process.execPath, [main, "start", "--demo"], {
    env: { ...process.env, POPUG_DATA: join(folder, "data"), POPUG_PORT: "7979" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) if (line.includes("http://")) break;
  const seconds = (performance.now() - begin) / 1_000;
  const stopping = performance.now();
  child.kill("SIGTERM");
  await once(child, "exit");
  return { seconds, stopSeconds: (performance.now() - stopping) / 1_000 };
}
