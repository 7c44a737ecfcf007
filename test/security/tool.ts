/** Tools of others: whether they are there, and running one to its end within its time. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

/** For `test(title, { skip }, …)`: false, or one line that says which tool is missing. `.ci/run` installs all of them. */
export function skipWithout(tool: string, ...probe: string[]): string | false {
  try {
    execFileSync(tool, probe.length > 0 ? probe : ["--help"], { stdio: "ignore", timeout: 60_000 });
    return false;
  } catch (error) {
    // A tool that is there may not like being asked for help.
    return (error as NodeJS.ErrnoException).code === "ENOENT" || probe.length > 0 ? `${tool} is not installed` : false;
  }
}

export type Ended = { code: number | null; out: string };

/** Runs a tool; resolves with what it said on both channels. Ended, and a failure, when it takes longer than `withinMs`. */
export async function run(tool: string, args: string[], { withinMs, cwd }: { withinMs: number; cwd: string }) {
  const child = spawn(tool, args, {
    cwd,
    // Results and caches of the tool stay in its folder; nothing of ours reaches it, and it uses no proxy.
    env: { PATH: process.env["PATH"], HOME: cwd, LANG: "C.UTF-8", PYTHONDONTWRITEBYTECODE: "1", NO_PROXY: "*" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: withinMs,
    killSignal: "SIGKILL",
  });
  const ended: Ended = { code: null, out: "" };
  for (const channel of [child.stdout, child.stderr]) channel.on("data", (chunk) => (ended.out += String(chunk)));
  return new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (signal === null) resolve({ ...ended, code });
      else reject(new Error(`${tool} was not done within ${withinMs} ms:\n${ended.out.slice(-2_000)}`));
    });
  });
}

/** A folder for what a tool writes, removed when the tests of a file are over. */
export function toolFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "popug-security-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
