/** A database for each service: what looks across all of them does so without anybody looking into that of another. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { pino } from "pino";
import { verifyInstallation } from "../../src/app/cli/verify.ts";
import { openReaders } from "../../src/app/readers.ts";
import { shortenLogs } from "../../src/app/retention.ts";
import { startApp } from "../../src/app/start.ts";
import { allContracts, allServices } from "../../src/app/services.ts";
import { sqlOn } from "../../src/platform/database.ts";
import { connectionOf, READER } from "../../src/platform/migrate.ts";
import { rebuild } from "../../src/platform/rebuild.ts";
import type { Sql } from "../../src/platform/service.ts";
import { type Entry, officeOf, type Office } from "../journeys/office.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { SERVICES } from "../kit/databases.ts";
import { onServer } from "../kit/server.ts";

process.env["POPUG_TEST_DATABASES"] = "each";

let app: TestApp;
let office: Office;
before(async () => {
  app = await startTestApp({ loops: false, batchSize: 16 });
  office = officeOf(app);
  for (let day = 1; day <= 3; day++) {
    await office.createMany(40);
    for (const task of (await office.tasks()).slice(0, 10)) await office.done(task);
    await office.midnight();
  }
});
after(() => app?.stop());

const homeOf = (service: string) => app.app.homes.of(service).installation;
const onHome = <T>(service: string, work: (sql: Sql) => Promise<T>) =>
  onServer(homeOf(service).admin, (client) => work(sqlOn(client)));
const verified = async () => {
  const { findings, underway, periods } = await verifyInstallation(app.app.config);
  return { findings, underway, closed: periods.filter((period) => period.closed).length };
};

test("verify recomputes all books, mails and logs across the databases", async () => {
  assert.deepEqual(await verified(), { findings: [], underway: [], closed: 3 });
});

test("one database that is spelt in two ways is refused before anything is made in it", async () => {
  const { admin } = homeOf("tasks");
  const host = admin.host.startsWith("/") ? `${admin.host}/` : admin.host === "localhost" ? "127.0.0.1" : "localhost";
  const adminOf = (service: string) => (service === "auth" ? { ...admin, host } : homeOf(service).admin);
  const database = { adminOf, notes: [], pid: () => null, stop: async () => {} };
  await assert.rejects(
    startApp(app.app.config, { log: pino({ level: "silent" }), onLost: assert.fail, database, loops: false }),
    /The database of tasks is also that of other services, under another address/,
  );
  assert.deepEqual(await onHome("tasks", (sql) => sql("select from pg_namespace where nspname = 'auth'")), []);
});

test("verify finds what was changed in any of them", async () => {
  const turn = (from: string, to: string) =>
    `update tasks.log set data = jsonb_set(data, '{change}', '"${to}"') where type = 'task.updated' and data->>'change' = '${from}'`;
  const seals = `update accounting.log set data = jsonb_set(data, '{seal}', to_jsonb(reverse(data->>'seal'))) where type = 'billing.closed'`;
  const lines = "update notifications.audit_line set amount_minor = -amount_minor";
  const cursors = (by: number) => `update analytics.cursor set position = position + ${by} where source = 'tasks'`;
  for (const [service, change, back, found] of [
    ["tasks", turn("done", "reopened"), turn("reopened", "done"), /period 1, partition/],
    ["accounting", seals, seals, /period 1: billing.closed was published with another seal/],
    ["notifications", lines, lines, /mails of period 1: the line of entry/],
    ["analytics", cursors(100), cursors(-100), /analytics, on-task, partition 0 of tasks: it has read up to/],
  ] as const) {
    await onHome(service, (sql) => sql(change));
    assert.match((await verified()).findings.join("\n"), found, service);
    await onHome(service, (sql) => sql(back));
  }
  assert.deepEqual((await verified()).findings, []);
});

test("whoever reads a log from elsewhere may read logs, and nothing else", async () => {
  for (const service of SERVICES) {
    const client = new pg.Client(connectionOf(homeOf(service), READER));
    await client.connect();
    try {
      await client.query(`select count(*) from ${service}.published`);
      for (const text of [
        `select 1 from ${service}.cursor`,
        `select 1 from ${service}.outbox`,
        `delete from ${service}.published`,
        "select popug.move_clock('1 day')",
      ]) {
        await assert.rejects(client.query(text), /permission denied/, `${service}: ${text}`);
      }
    } finally {
      await client.end();
    }
  }
});

test("operators see all logs as one, and how far everybody is", async () => {
  const admin = app.as("admin");
  const { body: first } = await admin.get("/events?limit=100");
  const { body: second } = await admin.get(`/events?limit=100&cursor=${encodeURIComponent(first.nextCursor)}`);
  const ids = [...first.items, ...second.items].map((event: { id: string }) => event.id);
  const newest = await app.owner<{ id: string }>(
    `select id from (${SERVICES.map((name) => `select id, logged_at from ${name}.log`).join(" union all ")}) all_logs
      order by logged_at desc, id desc limit 200`,
  );
  assert.deepEqual(
    ids,
    newest.map(({ id }) => id),
  );
  const { body: flow } = await admin.get("/flow");
  assert.deepEqual(
    flow.consumers.filter((consumer: { behind: number }) => consumer.behind > 0),
    [],
  );
  assert(flow.consumers.some((one: { service: string; source: string }) => one.source === "accounting"));
  const task = (await office.tasks())[0];
  const { body: events } = await admin.get(`/flow/events?key=${task?.id}`);
  assert(events.items.length > 0);
  for (const { consumers } of events.items as { consumers: { state: string }[] }[]) {
    assert(consumers.every(({ state }) => state === "applied"));
  }
  const { body: trace } = await admin.get(`/traces/${events.items[0].id}`);
  assert(new Set(trace.events.map((event: { source: string }) => event.source)).size >= 2);
});

test("a line of the books leads back to its event, in the log of tasks, and to a person", async () => {
  const accountant = app.as("accountant");
  const { body: entries } = await accountant.get("/entries?limit=100");
  const ofKind = new Map<string, string>(entries.items.map((entry: Entry) => [entry.kind, entry.entryId]));
  assert(ofKind.has("fee"));
  for (const [kind, entryId] of ofKind) {
    const { status, body: why } = await accountant.get(`/entries/${entryId}/explain`);
    assert.equal(status, 200, `${kind}: ${JSON.stringify(why)}`);
    assert.equal(why.event?.source, "/popug/tasks", kind);
    if (kind === "fee") assert.equal(why.person.login, "manager");
  }
});

test("the clock of a demo moves in every database, and a repetition with its key moves it once", async () => {
  const ahead = () =>
    Promise.all(
      SERVICES.map((name) =>
        onHome(name, async (sql) => {
          const rows = await sql<{ s: number }>(
            "select extract(epoch from clock_ahead)::float8 as s from popug.installation",
          );
          return rows[0]?.s ?? 0;
        }),
      ),
    );
  const before = await ahead();
  const headers = { "idempotency-key": "an-hour" };
  for (let i = 0; i < 2; i++) {
    const answer = await app.as("admin").post("/clock", { to: null, bySeconds: 3_600 }, headers);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  }
  const moved = Math.max(...before) + 3_600;
  for (const s of await ahead()) assert(Math.abs(s - moved) < 5, `${s} instead of ${moved}`);
});

test("who waits for a close is told how much is behind, or at least what is missing", async () => {
  const { number, endsAt } = await office.openPeriod();
  await office.createMany(200);
  await office.clockTo(endsAt);
  const pass = (service: string, part: string) => app.app.services.get(service)?.parts.get(part)?.();
  await pass("tasks", "job:end-due-periods");
  await pass("tasks", "sequencer");
  let texts: string[] = [];
  // Partitions have different numbers of events: some reach their end before others.
  for (let look = 0; look < 20 && texts.length === 0; look++) {
    await pass("accounting", "consumer:on-task");
    texts = (await office.period(number)).waitingFor.map(({ text }) => text);
  }
  assert.match(texts.join("\n"), /^partition \d+: \d+ events? behind$/m);
  await app.settle();
  assert.equal((await office.period(number)).status, "closed");
});

test("what listens only is rebuilt from logs elsewhere", async () => {
  const figures = async () => (await app.as("admin").get("/analytics")).body;
  const before = await figures();
  const services = allServices(app.app.config.settings);
  const service = services.find(({ name }) => name === "analytics");
  assert(service);
  const log = pino({ level: "silent" });
  const readers = openReaders(app.app.homes, log);
  await onHome("analytics", (sql) => sql("update analytics.day_figures set done_count = done_count + 1000"));
  await rebuild(homeOf("analytics"), service, {
    ...{ log, contracts: allContracts(services), openLog: readers.logsFor("analytics") },
    onProgress: () => {},
  });
  await readers.stop();
  assert.deepEqual(await figures(), before);
});

test("an old segment stays while anybody elsewhere needs it, and goes when nobody does", async () => {
  await onHome("tasks", async (sql) => {
    // Segments of two positions, and all of it long ago.
    await sql("create table old as select * from tasks.log");
    await sql("drop table tasks.log_0");
    await sql("drop table if exists tasks.log_1");
    await sql("update tasks.log_source set segment_size = 2");
    await sql(
      "select tasks.ensure_log_segment(n * 2) from generate_series(0, (select max(position) / 2 + 50 from old)::int) n",
    );
    await sql("insert into tasks.log select * from old");
    await sql("drop table old");
    await sql("update tasks.log set logged_at = logged_at - interval '9 days'");
  });
  const shorten = () => shortenLogs(app.app.homes, 3);
  const lane = "source = 'tasks' and consumer = 'on-task' and partition = 7";
  const [cursor] = await onHome("analytics", (sql) => sql(`select position from analytics.cursor where ${lane}`));
  await onHome("analytics", (sql) => sql(`update analytics.cursor set position = 1 where ${lane}`));
  assert.match((await shorten()).kept.join("\n"), /tasks, segment 0: on-task of analytics has not read past it/);
  await onHome("analytics", (sql) =>
    sql(`update analytics.cursor set position = $1 where ${lane}`, [cursor?.["position"]]),
  );
  const { dropped } = await shorten();
  assert.equal(dropped[0], "tasks 0");
  assert(dropped.every((segment) => segment.startsWith("tasks ")));
  assert.deepEqual((await verified()).findings, []);

  await office.createMany(10);
  await office.midnight();
  assert.deepEqual(await verified(), { findings: [], underway: [], closed: 5 });
});
