/**
 * Every consumer of every service, whatever its source does to it: the same event twice, events in a wrong order, a hole, a
 * crash between its effects and the note that they are done, a copy that wakes up late. A day of the company is played
 * with all of that in every batch; nothing of it leaves a trace, and the books of the day prove themselves.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pino } from "pino";
import { verifyInstallation } from "../../src/app/cli/verify.ts";
import { allContracts, allServices } from "../../src/app/services.ts";
import { readConfig } from "../../src/config.ts";
import { createConsumer } from "../../src/platform/consumer.ts";
import type { LogRow } from "../../src/platform/event.ts";
import { postgresLog } from "../../src/platform/log.ts";
import type { RunningService } from "../../src/platform/run-service.ts";
import type { Consumer } from "../../src/platform/service.ts";
import { officeOf, type Office } from "../journeys/office.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { fillCompany } from "../services/accounting/paid-company.ts";

/** What can be wrong with a batch; undefined where this one is too small for it. */
const faults: Record<string, (rows: LogRow[]) => LogRow[] | undefined> = {
  "a hole": (rows) => {
    const [first, second] = pair(rows);
    return second && rows.filter((row) => row !== first);
  },
  "a wrong order": (rows) => {
    const [first, second] = pair(rows);
    return first && second && rows.map((row) => (row === first ? second : row === second ? first : row));
  },
  "an event twice": (rows) => rows.flatMap((row, at) => (at === 0 ? [row, row] : [row])),
};
/** Two neighbours of one partition. */
const pair = (rows: LogRow[]) => {
  const at = rows.findIndex((row, i) => row.partition === rows[i + 1]?.partition);
  return at < 0 ? [] : rows.slice(at, at + 2);
};

type Met = { faults: Set<string>; crashes: number; wakes: number; effects: number };
type Roughness = { pass: () => Promise<number>; met: Met };

let app: TestApp;
let office: Office;
const rough = new Map<string, Roughness>();

/** All that a service has, but for how far it has read. */
async function stateOf(service: string): Promise<Record<string, string>> {
  const tables = await app.owner<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition
        and c.relname !~ '^(log|log_.*|cursor|member|migration)$'`,
    [service],
  );
  const rows = await app.owner<{ name: string; hash: string }>(
    tables
      .map(
        ({ name }) =>
          `select '${name}' as name, md5(coalesce(string_agg(t::text, ' ' order by t::text), '')) as hash from ${service}."${name}" t`,
      )
      .join(" union all "),
  );
  return Object.fromEntries(rows.map(({ name, hash }) => [name, hash]));
}

/** A consumer's pass, in which everything goes wrong that can before it goes right. */
function roughen(running: RunningService, consumer: Consumer): Roughness {
  const service = running.service.name;
  const where = `${consumer.name} of ${service}`;
  const own = running.parts.get(`consumer:${consumer.name}`);
  assert(own);
  const met: Met = { faults: new Set(), crashes: 0, wakes: 0, effects: 0 };

  let crashing = false;
  const handle = consumer.handle;
  consumer.handle = async (ctx, events) => {
    await handle(ctx, events);
    if (!crashing) return;
    met.crashes++;
    await ctx.sql("select pg_terminate_backend(pg_backend_pid())");
  };

  const log = postgresLog(running.sql, consumer.source);
  let onRows: (rows: LogRow[]) => LogRow[] | Promise<LogRow[]> = (rows) => rows;
  const copy = createConsumer({
    consumer,
    reader: { ...log, read: async (...where) => onRows(await log.read(...where)) },
    sql: running.sql,
    transact: running.transact,
    log: pino({ level: "silent" }),
    versions: allContracts(allServices(app.app.config.settings)).filter(({ source }) => source === consumer.source),
  });
  const cursors = () =>
    running.sql("select partition, position from cursor where consumer = $1 and source = $2 order by partition", [
      consumer.name,
      consumer.source,
    ]);

  const pass = async (): Promise<number> => {
    const before = { state: await stateOf(service), cursors: await cursors() };
    const unchanged = async (what: string) =>
      assert.deepEqual({ state: await stateOf(service), cursors: await cursors() }, before, `${where}, ${what}`);
    let isThere = false;
    for (const [name, fault] of Object.entries(faults)) {
      let faulty: LogRow[] | undefined;
      onRows = (rows) => {
        // Looks at single events of the past are not what is disturbed.
        if (faulty !== undefined || rows.length === 0) return rows;
        isThere = true;
        faulty = fault(rows);
        return faulty ?? [];
      };
      const passed = copy.pass();
      if (faulty === undefined) await passed.catch(() => {});
      if (faulty === undefined) continue;
      await assert.rejects(passed, /expected position/, `${where}, ${name}`);
      await unchanged(name);
      met.faults.add(name);
    }
    if (!isThere) return own();

    const crashesBefore = met.crashes;
    crashing = true;
    const crashed = await own().then(
      () => false,
      () => true,
    );
    crashing = false;
    assert.equal(crashed, met.crashes > crashesBefore, where);
    if (!crashed) return 1;
    await unchanged("a crash between effects and cursor");

    const read = Promise.withResolvers<void>();
    const wake = Promise.withResolvers<void>();
    onRows = async (rows) => {
      read.resolve();
      await wake.promise;
      return rows;
    };
    const late = copy.pass();
    await read.promise;
    const did = await own();
    const done = await stateOf(service);
    if (Object.entries(done).some(([table, hash]) => before.state[table] !== hash)) met.effects++;
    wake.resolve();
    assert.equal(await late, 0, where);
    assert.deepEqual(await stateOf(service), done, `${where}, a copy that wakes up late`);
    met.wakes++;
    return did;
  };
  return { pass, met };
}

/** Until nothing is left to do, as `settle` does it, by the rough way. */
async function settleRoughly(): Promise<void> {
  for (let quiet = 0; quiet < 2; ) {
    let did = 0;
    for (const [name, running] of app.app.services) {
      for (const [part, pass] of running.parts) did += await (rough.get(`${name} ${part}`)?.pass ?? pass)();
    }
    quiet = did === 0 ? quiet + 1 : 0;
  }
}

async function ok(answer: Promise<{ status: number; body: unknown }>): Promise<void> {
  const { status, body } = await answer;
  assert(status < 300, JSON.stringify(body));
}

before(async () => {
  app = await startTestApp({
    loops: false,
    people: [
      { login: "manager", roles: ["manager"] },
      { login: "accountant", roles: ["accountant", "manager"] },
      ...["worker1", "worker2", "worker3"].map((login) => ({ login, roles: ["worker"] })),
    ],
  });
  office = officeOf(app);
  const company = fillCompany(app);
  for (const login of ["worker1", "worker2", "worker3"]) {
    await company.setDetails(login);
    await ok(app.as(login).patch("/my/mail-choices", { assignments: true }));
  }
  // A first day in peace: all consumers have been at work.
  await company.payDay();
  for (const [name, running] of app.app.services) {
    for (const consumer of running.service.consumers) {
      rough.set(`${name} consumer:${consumer.name}`, roughen(running, consumer));
    }
  }

  const today = (await office.openPeriod()).businessDate;
  const { worker1 = "", worker2 = "", worker3 = "" } = app.people;
  await ok(
    app
      .as("worker3")
      .post("/absences", { userId: worker3, firstDay: today, lastDay: today, reassign: true, note: "the nest" }),
  );
  await ok(app.as("worker3").patch("/my/mail-choices", { payslip: false }));
  await app.join({ login: "worker4", roles: ["worker"] });
  for (const name of ["Once", "Twice"]) await office.change("worker1", { name });
  for (let time = 0; time < 2; time++) await company.setDetails("worker1");
  await office.createMany(40);
  await settleRoughly();
  for (const task of (await office.tasks()).slice(0, 15)) assert.equal((await office.done(task)).status, 200);
  for (const userId of [worker1, worker2]) {
    await ok(app.as("accountant").post(`/payouts/1/${userId}/sent`));
    await ok(app.as("accountant").post(`/payouts/1/${userId}/failed`, { reason: "the account is closed" }));
  }
  await settleRoughly();
  await office.change("worker3", { status: "inactive" });
  await settleRoughly();
  await ok(app.as("admin").post(`/users/${worker3}/erase`));
  await settleRoughly();
  const { number } = await office.openPeriod();
  await ok(app.as("accountant").post(`/periods/${number}/close`));
  await settleRoughly();
});
after(() => app?.stop());

/** What it has to do is done for good at the end of the first day in which anything moved. */
const doneBefore = ["tasks on-billing-closed"];

for (const { name, consumers } of allServices(readConfig({}, {}).settings)) {
  for (const consumer of consumers) {
    test(`${name}, ${consumer.name}: neither doubled nor disordered events, nor a crash, nor a late copy leave a trace`, () => {
      const { met } = rough.get(`${name} consumer:${consumer.name}`) ?? {};
      assert.deepEqual([...(met?.faults ?? [])].sort(), Object.keys(faults).sort());
      assert(met && met.crashes > 0 && met.wakes > 0, JSON.stringify(met));
      assert(met.effects > 0 || doneBefore.includes(`${name} ${consumer.name}`), "it did something, once");
    });
  }
}

test("the day closes exactly, and books, mails, logs and figures agree", async () => {
  const { number, businessDate } = (await office.periods()).at(-2) ?? assert.fail();
  const { status, totals } = await office.period(number);
  assert.equal(status, "closed");
  const { findings, underway } = await verifyInstallation(app.app.config);
  assert.deepEqual({ findings, underway }, { findings: [], underway: [] });
  const { body } = await app.as("admin").get(`/analytics?day=${businessDate}`);
  assert.deepEqual(body.findings, []);
  assert(totals);
});
