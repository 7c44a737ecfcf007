/** What people are told about a day whose entries were archived. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openPool, sqlOn } from "../../../src/platform/database.ts";
import { archivePeriod } from "../../../src/services/accounting/archive.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";

let app: TestApp;
let entryId: string;
let day: string;
before(async () => {
  app = await startTestApp({ loops: false });
  for (let n = 0; n < 4; n++) await app.as("manager").post("/tasks", { title: `Feed parrot ${n}` });
  assert.equal((await app.as("accountant").post("/periods/1/close")).status, 202);
  await app.settle();
  [{ entryId }] = (await get("/entries?period=1")).body.items;
  day = (await get("/periods/1")).body.businessDate;
  const pool = openPool(app.app.installation.admin, { schema: "accounting", size: 1, name: "test", onError: () => {} });
  const client = await pool.connect();
  await client.query("begin");
  await archivePeriod(sqlOn(client), 1, join(app.dataDir, "archive"), new Date());
  await client.query("commit");
  client.release();
  await pool.end();
});
after(() => app?.stop());

const get = (path: string, login = "accountant") => app.as(login).get(path);

test("who asks for the entries of an archived day is told that they are archived, and in which file; nobody is told that there are none", async () => {
  const paths = [
    "/entries?period=1",
    `/entries?day=${day}`,
    "/periods/1/export",
    `/entries/${entryId}/explain`,
    "/periods/1/payouts",
  ];
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
