/** Popug as people run it: a process of its own, on a data folder of its own, stopped when the tests of a file are over. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { InstanceNote } from "../../src/app/start.ts";
import { freePort } from "../kit/free-port.ts";
import { noonZone } from "../kit/noon.ts";

const root = resolve(import.meta.dirname, "../..");
const running = new Set<ChildProcess>();
const folders: string[] = [];
after(async () => {
  for (const child of running) child.kill("SIGINT");
  await Promise.all([...running].map((child) => new Promise((settle) => child.once("close", settle))));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export type Ended = { code: number | null; signal: string | null; out: string; err: string };
export type Instance = {
  child: ChildProcess;
  url: string;
  port: number;
  dataDir: string;
  out: string;
  ended: Promise<Ended>;
};
type Environment = Record<string, string>;

/** A folder that is removed in the end. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "popug-cli-"));
  folders.push(folder);
  return folder;
}

/** Runs `popug …` with these variables and no others of ours; resolves with what it said when it has ended. */
export function popug(
  words: string[],
  env: Environment,
  input = "",
): { child: ChildProcess; said: Ended; ended: Promise<Ended> } {
  const others = Object.entries(process.env).filter(([name]) => !/^(POPUG_|DATABASE_URL|NODE_TEST_CONTEXT)/.test(name));
  const child = spawn(process.execPath, ["bin/run.mjs", "src/main.ts", ...words], {
    cwd: root,
    env: { ...Object.fromEntries(others), ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  running.add(child);
  child.stdin.end(input);
  const said: Ended = { code: null, signal: null, out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said.err += chunk.toString()));
  const ended = new Promise<Ended>((settle) =>
    child.once("close", (code, signal) => {
      running.delete(child);
      settle(Object.assign(said, { code, signal }));
    }),
  );
  return { child, said, ended };
}

/** Starts it and waits for the ready line. */
type StartOptions = { dataDir?: string; demo?: boolean; port?: number; env?: Environment };

export async function start(options: StartOptions = {}): Promise<Instance> {
  const dataDir = options.dataDir ?? newFolder();
  const port = options.port ?? (await freePort());
  const env = { POPUG_DATA: dataDir, POPUG_PORT: String(port), POPUG_TIME_ZONE: noonZone, ...options.env };
  const { child, said, ended } = popug(["start", ...(options.demo === false ? [] : ["--demo"])], env);
  const url = `http://localhost:${port}`;
  await until("ready", () => {
    assert.equal(child.exitCode, null, `it ended: ${said.err}`);
    return said.out.includes(`Popug is ready: ${url}\n`);
  });
  return { child, url, port, dataDir, out: said.out, ended };
}

/** What the instance has announced about itself. */
export function noteOf(instance: Instance): InstanceNote {
  return JSON.parse(readFileSync(join(instance.dataDir, "instance.json"), "utf8")) as InstanceNote;
}

/** Process id of the embedded server. */
export function serverPid(dataDir: string): number {
  return Number.parseInt(readFileSync(join(dataDir, "postgres", "postmaster.pid"), "utf8"), 10);
}

export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function until(what: string, look: () => boolean | Promise<boolean>, withinMs = 120_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await look())) {
    assert(performance.now() < deadline, `not within ${withinMs} ms: ${what}`);
    await delay(20);
  }
}
