/** The whole product in this process, on a database of its own, with people in it. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Logger, pino } from "pino";
import { type App, type StartOptions, startApp } from "../../src/app/start.ts";
import { type Config, readConfig } from "../../src/config.ts";
import { openPool, sqlOn } from "../../src/platform/database.ts";
import type { Installation } from "../../src/platform/migrate.ts";
import type { Sql } from "../../src/platform/service.ts";
import { firstAdmin } from "../../src/services/auth/first-admin.ts";
import type { Settings } from "../../src/settings.ts";
import { startApart } from "./apart.ts";
import { makeDatabases } from "./databases.ts";
import { noonZone } from "./noon.ts";
import { type Answer, type Client, type NewPerson, peopleAt } from "./people.ts";
import { onServer, ROLE_PREFIX, ROLE_SECRET } from "./server.ts";

export type { Answer, Client, NewPerson };

export type TestOptions = {
  settings?: Partial<Settings>;
  config?: Partial<Omit<Config, "settings">>;
  /** Who is there besides `admin`; a number: so many workers. */
  people?: number | NewPerson[];
  /** False: nothing moves by itself; `settle` and `app.services.get(…).parts` do. */
  loops?: boolean;
  batchSize?: number;
  /** Business time at which the company begins, an instant to come; now when not given. */
  beginsAt?: string;
  services?: StartOptions["services"];
  /** Instead of silence. */
  log?: Logger;
};

export type TestApp = {
  app: App;
  url: string;
  /** Login → user id. */
  people: Record<string, string>;
  as: (login: string) => Client;
  /** Adds somebody; resolves when auth has them (not yet the others). */
  join: (person: NewPerson) => Promise<string>;
  settle: () => Promise<void>;
  /** As that service's role. */
  sql: (service: string) => Sql;
  /** As the administrator of the database. */
  owner: Sql;
  /** Where a service keeps what it knows. */
  installationOf: (service: string) => Installation;
  settings: Settings;
  moveClock: (ms: number) => Promise<void>;
  dataDir: string;
  stop: () => Promise<void>;
};

const everybody: NewPerson[] = [
  { login: "manager", roles: ["manager"] },
  { login: "accountant", roles: ["accountant"] },
  { login: "worker1", roles: ["worker"] },
  { login: "worker2", roles: ["worker"] },
  { login: "worker3", roles: ["worker"] },
];

/** Log lines of the product are silent unless `POPUG_LOG` says otherwise. */
const log = pino({ level: process.env["POPUG_LOG"] ?? "silent" });

/**
 * Starts it, in this process; in several where `POPUG_TEST_LAYOUT` says so ("auth,tasks accounting", a process for each
 * word); with a database for each service where `POPUG_TEST_DATABASES=each` says so. `admin`, `manager`, `accountant` and
 * three workers are there unless `people` says otherwise, known to all services. The clock is a demo's: it can be moved. It is about noon there, whatever the hour here.
 */
export async function startTestApp(options: TestOptions = {}): Promise<TestApp> {
  const wanted =
    typeof options.people === "number"
      ? Array.from({ length: options.people }, (_, i) => ({ login: `worker${i + 1}`, roles: ["worker"] }))
      : (options.people ?? everybody);
  const layout = process.env["POPUG_TEST_LAYOUT"];
  if (layout !== undefined) {
    return startApart(
      options,
      wanted,
      layout.split(" ").map((services) => services.split(",")),
    );
  }
  const databases = await makeDatabases();
  const dataDir = await mkdtemp(join(tmpdir(), "popug-data-"));
  await mkdir(join(dataDir, "secrets"), { mode: 0o700 });
  await writeFile(join(dataDir, "secrets", "database-roles"), ROLE_SECRET, { mode: 0o600 });
  const defaults = readConfig({ demo: true }, {});
  const config: Config = {
    ...defaults,
    port: 0,
    rolePrefix: ROLE_PREFIX,
    ratePerSecond: 100_000,
    ...options.config,
    settings: {
      ...defaults.settings,
      timeZone: noonZone,
      dataDir,
      secretsDir: join(dataDir, "secrets"),
      ...options.settings,
    },
  };
  const ownerPool = openPool(databases.whole, { schema: "popug", size: 2, name: "test", onError: () => {} });
  const owner = sqlOn(ownerPool);
  const inEach = async (text: string, params: unknown[]) => {
    for (const admin of databases.all) await onServer(admin, (client) => client.query(text, params));
  };
  await inEach(
    `update popug.installation
        set demo = $1, clock_ahead = case when $1 then greatest($2::timestamptz - clock_timestamp(), '0') else '0' end`,
    [config.settings.demo, options.beginsAt ?? new Date().toISOString()],
  );

  const app = await startApp(config, {
    log: options.log ?? log,
    onLost: (reason) => {
      throw reason;
    },
    database: { adminOf: databases.adminOf, notes: [], pid: () => null, stop: async () => {} },
    ...(options.loops !== undefined && { loops: options.loops }),
    ...(options.batchSize !== undefined && { batchSize: options.batchSize }),
    ...(options.services !== undefined && { services: options.services }),
  });
  const sql = (service: string): Sql => {
    const running = app.services.get(service);
    assert(running, `no service ${service}`);
    return running.sql;
  };
  const { as, people, join: join_ } = peopleAt(app.url, (...query) => sql("auth")(...query), config.settings);

  const test: TestApp = {
    app,
    url: app.url,
    people,
    as,
    join: join_,
    settle: app.settle,
    sql,
    owner,
    installationOf: (service) => app.homes.of(service).installation,
    settings: config.settings,
    moveClock: async (ms) => {
      await inEach("select popug.move_clock(make_interval(secs => $1::float8 / 1000))", [ms]);
      for (const running of app.services.values()) running.wakeJobs();
    },
    dataDir,
    stop: async () => {
      await app.stop();
      await ownerPool.end();
      await databases.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  if (app.services.has("auth")) {
    const auth = app.services.get("auth");
    assert(auth);
    const admin = await firstAdmin(auth.tools, { login: "admin", name: "admin Popug", email: "admin@popug.test" });
    people["admin"] = admin.userId;
    for (const person of wanted) await join_(person);
    await app.settle();
  }
  return test;
}
