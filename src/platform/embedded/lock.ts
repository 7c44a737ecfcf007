import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, readlinkSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { processIdentity } from "./processes.ts";

type Holder = {
  pid: number;
  /** Tells the process from a later one with the same number. */
  started: string;
  /** Where the number means something: the boot and the process namespace. */
  realm: string;
  token: string;
};

/** How long a holder that is still there is given: a process that was just killed takes a moment to be gone. */
const graceMs = 500;
const heartbeatMs = 2_000;
/** A holder in another container cannot be looked up; it counts as gone when its heartbeat is this old. */
const heartbeatGoneMs = 10_000;

export type Lock = { release(): void };

/**
 * Takes the lock file `path`, or says which live process holds it. A lock whose process is gone (kill -9, power cut)
 * is taken over, by exactly one of those who try. A holder in another container or machine is recognised by the
 * file's time, which it renews; taking over after such a one waits for ten seconds of silence.
 */
export async function takeLock(path: string): Promise<{ lock: Lock } | { heldBy: number }> {
  const me: Holder = {
    pid: process.pid,
    started: processIdentity(process.pid) ?? "",
    realm: realm(),
    token: randomUUID(),
  };
  const own = JSON.stringify(me);
  const draft = `${path}.${me.token}`;
  const deadline = performance.now() + graceMs;
  writeFileSync(draft, own, { flag: "wx", mode: 0o600 });
  try {
    for (;;) {
      try {
        linkSync(draft, path);
        return { lock: hold(path, own) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const content = read(path);
      if (content === undefined) continue;
      const holder = parse(content);
      if (await lives(path, holder, draft)) {
        if (performance.now() > deadline || holder.pid === process.pid) return { heldBy: holder.pid };
        await delay(10);
        continue;
      }
      // The right to remove this very lock is a lock itself, named after it, so nobody removes its successor.
      const right = await takeLock(`${path}.${holder.token}.gone`);
      if ("heldBy" in right) {
        await delay(10);
        continue;
      }
      if (read(path) === content) rmSync(path, { force: true });
      right.lock.release();
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function hold(path: string, own: string): Lock {
  const beat = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // The folder was taken away under us: the server itself notices that and ends, which is reported.
      clearInterval(beat);
    }
  }, heartbeatMs).unref();
  return {
    release() {
      clearInterval(beat);
      if (read(path) === own) rmSync(path, { force: true });
    },
  };
}

async function lives(path: string, holder: Holder, draft: string): Promise<boolean> {
  if (holder.realm === realm()) return processIdentity(holder.pid) === holder.started;
  const seen = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  const now = statSync(draft).mtimeMs;
  const deadline = performance.now() + heartbeatGoneMs - (now - (seen ?? 0));
  while (performance.now() < deadline) {
    await delay(100);
    if (statSync(path, { throwIfNoEntry: false })?.mtimeMs !== seen) return read(path) !== undefined;
  }
  return false;
}

/** A power cut may leave an empty file behind. */
function parse(content: string): Holder {
  try {
    return JSON.parse(content) as Holder;
  } catch {
    return { pid: 0, started: "never", realm: realm(), token: "torn" };
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function realm(): string {
  if (process.platform !== "linux") return process.platform;
  return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
}
