/** What people are told about a day whose entries were archived. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openPool, sqlOn } from "../../../src/platform/database.ts";
import { archivePeriod } from "../../../src/services/accounting/archive.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { fillCompany } from "./paid-company.ts";

let app: TestApp;
let entryId: string;
let day: string;
before(async () => {
  const workers = ["worker1", "worker2", "worker3"].map((login) => ({ login, roles: ["worker"] }));
  const people = [
    { login: "manager", roles: ["manager"] },
    { login: "accountant", roles: ["accountant", "manager"] },
  ];
  app = await startTestApp({ loops: false, people: [...people, ...workers] });
  for (let n = 0; n < 4; n++) await app.as("manager").post("/tasks", { title: `Feed parrot ${n}` });
  assert.equal((await app.as("accountant").post("/periods/1/close")).status, 202);
  await app.settle();
  [{ entryId }] = (await get("/entries?period=1")).body.items;
  day = (await get("/periods/1")).body.businessDate;
  await archive(1);
});
after(() => app?.stop());

async function archive(period: number): Promise<void> {
  const pool = openPool(app.app.homes.of("accounting").installation.admin, {
    schema: "accounting",
    size: 1,
    name: "test",
    onError: () => {},
  });
  const client = await pool.connect();
  await client.query("begin");
  await archivePeriod(sqlOn(client), period, join(app.dataDir, "archive"), new Date());
  await client.query("commit");
  client.release();
  await pool.end();
}

const get = (path: string, login = "accountant") => app.as(login).get(path);

test("who asks for the entries of an archived day is told that they are archived, and in which file; nobody is told that there are none", async () => {
  const paths = ["/entries?period=1", `/entries?day=${day}`, "/periods/1/export", `/entries/${entryId}/explain`];
  for (const path of paths) {
    const { status, body } = await get(path);
    assert.deepEqual([path, status, body.code], [path, 409, "period-archived"]);
    assert.match(body.detail ?? body.title, /period 1 were archived on \d{4}-\d\d-\d\d \(period-1\.jsonl\.gz\)/);
  }
  const corrected = await app
    .as("accountant")
    .post(`/entries/${entryId}/corrections`, { amountMinor: 1, reason: "a dispute" });
  assert.deepEqual([corrected.status, corrected.body.code], [409, "period-archived"]);
  assert.equal((await get("/entries?period=1", "worker1")).body.code, "period-archived");
});

test("all else of an archived day is as it was: period, totals, seal, payslip", async () => {
  const { body: period } = await get("/periods/1");
  assert.equal(period.status, "closed");
  assert.match(period.seal, /^[0-9a-f]{64}$/);
  assert(period.totals.entryCount >= 4 && !Number.isNaN(Date.parse(period.archivedAt)));
  assert.equal((await get(`/totals?day=${day}`)).status, 200);
  assert.equal((await get("/periods/2")).body.archivedAt, null);
  assert.equal((await get("/entries?period=2")).status, 200);
});

test("payouts of an archived period are told, sent and given back as before", async () => {
  const company = fillCompany(app);
  const number = await company.payDay();
  const before = await company.payouts(number);
  assert.equal(before.length, 3);
  await archive(number);
  assert.deepEqual(await company.payouts(number), before);
  await company.setDetails("worker1");
  const step = (login: string, state: string, body?: unknown) =>
    app.as("accountant").post(`/payouts/${number}/${app.people[login]}/${state}`, body);
  assert.equal((await step("worker1", "sent")).status, 200);
  assert.equal((await step("worker1", "confirmed")).status, 200);
  assert.equal((await step("worker2", "failed", { reason: "no such account" })).status, 200);
  await app.settle();
  const state = new Map((await company.payouts(number)).map((payout) => [payout.userId, payout]));
  assert.deepEqual(
    ["worker1", "worker2", "worker3"].map((login) => state.get(app.people[login] as string)?.state),
    ["confirmed", "failed", "waiting"],
  );
  const { items } = (await get(`/entries?userId=${app.people["worker2"]}&kind=payout-return`)).body;
  assert.equal(items[0].returned.entryId, state.get(app.people["worker2"] as string)?.entryId);
  const sums = (await get(`/periods/${number}/payout-sums`)).body.items;
  assert.equal(
    sums.reduce((sum: number, { count }: { count: number }) => sum + count, 0),
    3,
  );
});
