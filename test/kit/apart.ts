/** The same company as `startTestApp` gives, run by several processes on one PostgreSQL server. */
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { readConfig } from "../../src/config.ts";
import { openPool, sqlOn } from "../../src/platform/database.ts";
import { connectionOf, type Installation } from "../../src/platform/migrate.ts";
import { runService } from "../../src/platform/run-service.ts";
import { firstAdmin } from "../../src/services/auth/first-admin.ts";
import { authService } from "../../src/services/auth/service.ts";
import type { TestApp, TestOptions } from "./app.ts";
import { noonZone } from "./noon.ts";
import { type NewPerson, peopleAt } from "./people.ts";
import { layOut } from "./processes.ts";
import { leftToDo } from "./rest.ts";
import { cloneDatabase, ROLE_PREFIX, ROLE_SECRET } from "./server.ts";
import { until } from "./until.ts";

const REST_WITHIN_MS = 120_000;

export type Apart = TestApp & { processes: Awaited<ReturnType<typeof layOut>> };

/** Starts one process for each list of services; `options` as far as they make sense from outside. */
export async function startApart(
  options: TestOptions,
  wanted: readonly NewPerson[],
  layout: readonly (readonly string[])[],
): Promise<Apart> {
  const database = await cloneDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), "popug-apart-"));
  const secretsDir = join(dataDir, "secrets");
  await mkdir(secretsDir, { mode: 0o700 });
  await writeFile(join(secretsDir, "database-roles"), ROLE_SECRET, { mode: 0o600 });
  const installation: Installation = {
    admin: database.admin,
    rolePrefix: ROLE_PREFIX,
    roleSecret: ROLE_SECRET,
    demo: true,
  };
  const pools = new Map<string, ReturnType<typeof openPool>>();
  const poolOf = (name: string) => {
    const connection = name === "owner" ? database.admin : connectionOf(installation, name);
    const pool =
      pools.get(name) ??
      openPool(connection, { schema: name === "owner" ? "popug" : name, size: 4, name: "test", onError: () => {} });
    pools.set(name, pool);
    return pool;
  };
  const sql = (service: string) => sqlOn(poolOf(service));
  const owner = sqlOn(poolOf("owner"));
  await owner(
    `update popug.installation
        set demo = true, clock_ahead = greatest($1::timestamptz - clock_timestamp(), '0')`,
    [options.beginsAt ?? new Date().toISOString()],
  );
  const processes = await layOut(layout, {
    DATABASE_URL: urlOf(database.admin),
    POPUG_DATA: dataDir,
    POPUG_DB_ROLES: ROLE_PREFIX,
    POPUG_DB_POOL: "4",
    POPUG_RATE: "100000",
    POPUG_LOG: process.env["POPUG_LOG"] ?? "error",
    POPUG_TIME_ZONE: options.settings?.timeZone ?? noonZone,
  });
  const settings = { ...readConfig({}, { POPUG_DATA: dataDir }).settings, publicUrl: processes.url };
  const { as, people, join: join_ } = peopleAt(processes.url, sql("auth"), settings);
  // Somebody is there before the first process: a demo that is not empty is left as it is.
  const auth = runService(authService(settings), {
    connection: connectionOf(installation, "auth"),
    poolSize: 2,
    log: pino({ level: "silent" }),
    contracts: [],
  });
  const admin = await firstAdmin(auth.tools, { login: "admin", name: "admin Popug", email: "admin@popug.test" });
  people["admin"] = admin.userId;
  await auth.stop();
  await Promise.all(processes.copies.map((copy) => copy.start()));

  const settle = async () => {
    let left: string[] = [];
    let quiet = 0;
    await until(
      async () => {
        left = await leftToDo(() => owner);
        quiet = left.length === 0 ? quiet + 1 : 0;
        return quiet === 2 || undefined;
      },
      {
        withinMs: REST_WITHIN_MS,
        everyMs: 100,
        late: () => [...left, ...processes.copies.map((copy) => copy.said())].join("\n"),
      },
    );
  };
  for (const person of wanted) await join_(person);
  await settle();

  return {
    get app(): never {
      throw new Error("this test looks into a process; there are several");
    },
    processes,
    url: processes.url,
    people,
    as,
    join: join_,
    settle,
    sql,
    owner,
    moveClock: async (ms) => {
      await owner("select popug.move_clock(make_interval(secs => $1::float8 / 1000))", [ms]);
    },
    dataDir,
    stop: async () => {
      await processes.stop();
      for (const pool of pools.values()) await pool.end();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The same as a `DATABASE_URL`; a server that listens on a socket has its folder in the query. */
function urlOf({ host, port, database, user, password }: Installation["admin"]): string {
  const who = password === undefined ? user : `${user}:${encodeURIComponent(password)}`;
  return `postgres://${who}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
}
