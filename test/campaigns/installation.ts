/** An installation of its own in a temporary folder: the process as people start it, with its database on disk. */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type pg from "pg";
import type { InstanceNote } from "../../src/app/start.ts";
import { openPool, sqlOn } from "../../src/platform/database.ts";
import type { Sql } from "../../src/platform/service.ts";
import { freePort } from "../kit/free-port.ts";
import { noonZone } from "../kit/noon.ts";
import { until } from "../kit/until.ts";
import { requestsTo } from "./requests.ts";

const root = new URL("../../", import.meta.url).pathname;
const READY_WITHIN_MS = 60_000;

export type Installation = Awaited<ReturnType<typeof createInstallation>>;

export async function createInstallation() {
  const dataDir = await mkdtemp(join(tmpdir(), "popug-kill-"));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const env = {
    PATH: process.env["PATH"],
    POPUG_DATA: dataDir,
    POPUG_PORT: String(port),
    POPUG_TIME_ZONE: noonZone,
    POPUG_RATE: "100000",
    POPUG_LOG: process.env["POPUG_LOG"] ?? "error",
  };
  const script = join(root, "bin/run.mjs");
  let child: ChildProcess | undefined;
  let exited: Promise<unknown> = Promise.resolve();
  let said: string[] = [];

  const spawnIt = () => {
    said = [];
    const started = spawn(process.execPath, [script, join(root, "src/main.ts"), "start", "--demo"], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child = started;
    exited = once(started, "exit");
    const ready = Promise.withResolvers<void>();
    for (const stream of [started.stdout, started.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        said = [...said.slice(-50), line];
        if (line.startsWith("Popug is ready")) ready.resolve();
      });
    }
    started.once("exit", (code, signal) =>
      ready.reject(new Error(`it ended (${code ?? signal}):\n${said.join("\n")}`)),
    );
    const late = setTimeout(() => ready.reject(new Error(`not ready in time:\n${said.join("\n")}`)), READY_WITHIN_MS);
    const settled = ready.promise.finally(() => clearTimeout(late));
    settled.catch(() => {});
    return settled;
  };

  const withDatabase = async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
    const { databases } = JSON.parse(await readFile(join(dataDir, "instance.json"), "utf8")) as InstanceNote;
    assert(databases["auth"], "the note names the database");
    const pool: pg.Pool = openPool(databases["auth"], {
      schema: "popug",
      size: 4,
      name: "campaign",
      onError: () => {},
    });
    try {
      return await work(sqlOn(pool));
    } finally {
      await pool.end();
    }
  };

  const request = requestsTo({ publicUrl: url, secretsDir: join(dataDir, "secrets") }, (text, params) =>
    withDatabase((sql) => sql(text, params)),
  );
  let cluster: string | undefined;

  return {
    dataDir,
    /** Resolves when it says that it is ready. */
    start: spawnIt,
    /** Starts it, and kills it after so many milliseconds, ready or not. */
    startAndKill: async (afterMs: number) => {
      void spawnIt();
      await Promise.race([delay(afterMs), exited]);
      child?.kill("SIGKILL");
      await exited;
    },
    kill: async () => {
      child?.kill("SIGKILL");
      await exited;
    },
    /** An immediate stop of the database server: it ends as in a crash, and recovers from its write-ahead log. */
    stopDatabase: async () => {
      cluster ??= await withDatabase(async (sql) => {
        const [row] = await sql<{ folder: string }>(
          "select setting as folder from pg_settings where name = 'data_directory'",
        );
        return row?.folder;
      });
      const [pid] = (await readFile(join(cluster ?? "", "postmaster.pid"), "utf8")).split("\n");
      process.kill(Number(pid), "SIGQUIT");
      await until(async () => (isAlive(Number(pid)) ? undefined : true), {
        withinMs: 30_000,
        everyMs: 5,
        late: () => `the database server ${pid} does not end`,
      });
    },
    withDatabase,
    /** The last lines that it said. */
    said: () => said.join("\n"),
    isRunning: () => child !== undefined && child.exitCode === null && child.signalCode === null,
    /** One request; throws when there is no answer. */
    request: (role: string, method: string, path: string, body?: unknown, key?: string) =>
      request(url, role, method, path, body, key),
    /** The command line on this installation; its standard output. */
    popug: async (...args: string[]) => {
      const run = promisify(execFile);
      return (await run(process.execPath, [script, join(root, "src/main.ts"), ...args], { env })).stdout;
    },
    /** An orderly end; the exit code. */
    stop: async () => {
      child?.kill("SIGTERM");
      const [code] = (await exited) as [number | null];
      return code;
    },
    remove: async () => {
      if (child !== undefined && child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await exited;
      }
      // Its database server notices, and ends by itself.
      for (let look = 0; look < 100 && (await isThere(join(dataDir, "postgres", "postmaster.pid"))); look++) {
        await delay(100);
      }
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function isThere(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  );
}
