/** The same company as `startTestApp` gives, run by several processes. */
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { readConfig } from "../../src/config.ts";
import { type Connection, openPool, sqlOn } from "../../src/platform/database.ts";
import { connectionOf, type Installation } from "../../src/platform/migrate.ts";
import { runService } from "../../src/platform/run-service.ts";
import { firstAdmin } from "../../src/services/auth/first-admin.ts";
import { authService } from "../../src/services/auth/service.ts";
import type { TestApp, TestOptions } from "./app.ts";
import { type Databases, makeDatabases, SERVICES } from "./databases.ts";
import { noonZone } from "./noon.ts";
import { type NewPerson, peopleAt } from "./people.ts";
import { layOut } from "./processes.ts";
import { leftToDo } from "./rest.ts";
import { onServer, ROLE_PREFIX, ROLE_SECRET } from "./server.ts";
import { until } from "./until.ts";

const REST_WITHIN_MS = 120_000;

export type Apart = TestApp & {
  processes: Awaited<ReturnType<typeof layOut>>;
  /** As `settle`, in some of the services. */
  settleIn: (services: readonly string[]) => Promise<void>;
};

/** Whether several processes run the company. */
export const isApart = (app: TestApp): app is Apart => "processes" in app;

/** Starts one process for each list of services; `options` as far as they make sense from outside. */
export async function startApart(
  options: TestOptions,
  wanted: readonly NewPerson[],
  layout: readonly (readonly string[])[],
): Promise<Apart> {
  const databases = await makeDatabases();
  const dataDir = await mkdtemp(join(tmpdir(), "popug-apart-"));
  const secretsDir = join(dataDir, "secrets");
  await mkdir(secretsDir, { mode: 0o700 });
  await writeFile(join(secretsDir, "database-roles"), ROLE_SECRET, { mode: 0o600 });
  const installationOf = (service: string): Installation => ({
    admin: databases.adminOf(service),
    rolePrefix: ROLE_PREFIX,
    roleSecret: ROLE_SECRET,
    demo: true,
  });
  const pools = new Map<string, ReturnType<typeof openPool>>();
  const poolOf = (key: string, schema: string, connection: Connection) => {
    const pool = pools.get(key) ?? openPool(connection, { schema, size: 4, name: "test", onError: () => {} });
    pools.set(key, pool);
    return pool;
  };
  const sql = (service: string) => sqlOn(poolOf(service, service, connectionOf(installationOf(service), service)));
  const ownerOf = (service: string) => sqlOn(poolOf(`owner of ${service}`, "popug", databases.adminOf(service)));
  const owner = sqlOn(poolOf("owner", "popug", databases.whole));
  const inEach = async (text: string, params: unknown[]) => {
    for (const admin of databases.all) await onServer(admin, (client) => client.query(text, params));
  };
  await inEach(
    `update popug.installation
        set demo = true, clock_ahead = greatest($1::timestamptz - clock_timestamp(), '0')`,
    [options.beginsAt ?? new Date().toISOString()],
  );
  const timeZone = options.settings?.timeZone ?? noonZone;
  const processes = await layOut(layout, {
    ...urlsOf(databases),
    ...kafkaOfTest(),
    POPUG_DATA: dataDir,
    POPUG_DB_ROLES: ROLE_PREFIX,
    POPUG_DB_POOL: "4",
    POPUG_RATE: "100000",
    POPUG_LOG: process.env["POPUG_LOG"] ?? "error",
    POPUG_TIME_ZONE: timeZone,
  });
  const settings = { ...readConfig({}, { POPUG_DATA: dataDir }).settings, publicUrl: processes.url, timeZone };
  const { as, people, join: join_ } = peopleAt(processes.url, sql("auth"), settings);
  // Somebody is there before the first process: a demo that is not empty is left as it is.
  const auth = runService(authService(settings), {
    connection: connectionOf(installationOf("auth"), "auth"),
    poolSize: 2,
    log: pino({ level: "silent" }),
    contracts: [],
  });
  const admin = await firstAdmin(auth.tools, { login: "admin", name: "admin Popug", email: "admin@popug.test" });
  people["admin"] = admin.userId;
  await auth.stop();
  await Promise.all(processes.copies.map((copy) => copy.start()));

  const settleIn = async (services?: readonly string[]) => {
    let left: string[] = [];
    let quiet = 0;
    await until(
      async () => {
        left = await leftToDo(ownerOf, services);
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
  await settleIn();

  return {
    get app(): never {
      throw new Error("this test looks into a process; there are several");
    },
    processes,
    url: processes.url,
    people,
    as,
    join: join_,
    settle: () => settleIn(),
    settleIn,
    sql,
    owner,
    installationOf,
    settings,
    moveClock: async (ms) => {
      await inEach("select popug.move_clock(make_interval(secs => $1::float8 / 1000))", [ms]);
    },
    dataDir,
    stop: async () => {
      await processes.stop();
      for (const pool of pools.values()) await pool.end();
      await databases.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The same as settings. */
function urlsOf({ adminOf, all }: Databases): Record<string, string> {
  if (all.length === 1) return { DATABASE_URL: urlOf(adminOf("auth")) };
  return Object.fromEntries(SERVICES.map((name) => [`DATABASE_URL_${name.toUpperCase()}`, urlOf(adminOf(name))]));
}

/** Events travel through Kafka where `POPUG_TEST_KAFKA` names brokers; the topics are this company's alone. */
function kafkaOfTest(): Record<string, string> {
  const brokers = process.env["POPUG_TEST_KAFKA"];
  return brokers === undefined
    ? {}
    : { KAFKA_BROKERS: brokers, POPUG_KAFKA_PREFIX: `test-${randomUUID().slice(0, 8)}` };
}

/** The same as a `DATABASE_URL`; a server that listens on a socket has its folder in the query. */
function urlOf({ host, port, database, user, password }: Installation["admin"]): string {
  const who = password === undefined ? user : `${user}:${encodeURIComponent(password)}`;
  return `postgres://${who}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
}
