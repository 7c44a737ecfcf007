/** A company to measure: the product in a process of its own data folder, real PostgreSQL with fsync on, many popugs. */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { type App, startApp } from "../src/app/start.ts";
import { readConfig } from "../src/config.ts";
import { firstAdmin } from "../src/services/auth/first-admin.ts";
import { loadSecrets } from "../src/services/auth/secrets.ts";
import { mintToken } from "../src/services/auth/token.ts";

export type Company = {
  app: App;
  /** Authorization header of somebody. */
  token: (login: string) => Promise<string>;
  call: (login: string, method: string, path: string, body?: unknown) => Promise<{ status: number; body: never }>;
  stop: () => Promise<void>;
};

/** Starts it with `workers` popugs besides the admin. `loops: false`: nothing moves by itself. */
export async function startCompany(options: { workers: number; loops: boolean }): Promise<Company> {
  const dataDir = await mkdtemp(join(tmpdir(), "popug-bench-"));
  const config = { ...readConfig({ demo: true }, { POPUG_DATA: dataDir }), port: 0, ratePerSecond: 1_000_000 };
  const app = await startApp(config, {
    log: pino({ level: process.env["POPUG_LOG"] ?? "error" }),
    onLost: (reason) => {
      throw reason;
    },
    loops: options.loops,
  });
  const auth = app.services.get("auth");
  if (auth === undefined) throw new Error("no auth");
  await firstAdmin(auth.tools, { login: "admin", name: "Admin", email: "admin@popug.test" });
  const secrets = await loadSecrets(join(dataDir, "secrets"));
  const token = async (login: string) => {
    const [user] = await auth.sql<{ userId: string; roles: never[]; version: number }>(
      `select user_id as "userId", roles, version from person where login = $1`,
      [login],
    );
    if (user === undefined) throw new Error(`nobody has the login ${login}`);
    return `Bearer ${await mintToken(secrets, config.settings, user)}`;
  };
  const tokens = new Map<string, { value: string; at: number }>();
  const call: Company["call"] = async (login, method, path, body) => {
    let known = tokens.get(login);
    if (known === undefined || Date.now() - known.at > 200_000) {
      known = { value: await token(login), at: Date.now() };
      tokens.set(login, known);
    }
    const response = await fetch(`${app.url}/api${path}`, {
      method,
      headers: { authorization: known.value, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as never;
    if (response.status >= 400) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return { status: response.status, body: answer };
  };
  await inParallel(options.workers, 16, async (i) => {
    await call("admin", "POST", "/users", {
      login: `worker${i}`,
      name: `Worker ${i}`,
      email: `worker${i}@popug.test`,
      roles: ["worker"],
    });
  });
  await app.settle();
  return {
    app,
    token,
    call,
    stop: async () => {
      await app.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Runs `work` for 0 … count − 1, so many at a time. */
export async function inParallel(count: number, width: number, work: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
}

/** Imports `count` tasks with invented titles. */
export async function importTasks(company: Company, count: number): Promise<void> {
  for (let done = 0; done < count; done += 5_000) {
    const size = Math.min(5_000, count - done);
    const lines = Array.from(
      { length: size },
      (_, i) => `[BENCH-${done + i + 1}] - Feed the parrots of aviary ${i % 97}`,
    );
    await company.call("admin", "POST", "/tasks/import", { mode: "all", csv: ["title", ...lines].join("\n") });
  }
}
