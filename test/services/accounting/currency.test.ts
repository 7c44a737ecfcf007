/** The currency of the books stays as soon as there is a balance, and be it one that is just being brought in. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { verifyBooks } from "../../../src/services/accounting/verify.ts";
import { officeOf, type Office } from "../../journeys/office.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { onServer } from "../../kit/server.ts";

let app: TestApp;
let office: Office;
before(async () => {
  app = await startTestApp({ loops: false, settings: { currency: "USD" } });
  office = officeOf(app);
  await app.settle();
  assert.equal((await app.as("admin").patch("/settings", { currency: "EUR" })).status, 200);
});
after(() => app?.stop());

const bring = (currency: string) =>
  app.as("accountant").post("/opening-balances/import", { csv: "login,amount\nworker1,12.50", currency });
const currencies = async () =>
  (await app.sql("accounting")<{ currency: string }>("select currency from period order by number")).map(
    (period) => period.currency,
  );
const findings = async () => (await verifyBooks(app.sql("accounting"))).findings;

test("balances in a currency that counts only from the next period on are refused", async () => {
  const { status, body } = await bring("EUR");
  assert.deepEqual([status, body.code], [409, "other-currency"]);
  assert.equal(body.title, "The open period is in USD, so no balances in EUR can be brought into it.");
});

test("a period that is about to open waits for balances that are being brought in, and keeps their currency", async () => {
  const { admin } = app.app.homes.of("accounting").installation;
  const waits = async (words: string) =>
    (
      await app.owner(
        `select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock' and position($2 in query) > 0`,
        [admin.database, words],
      )
    ).length > 0;
  const outcome = await onServer(admin, async (client) => {
    await client.query("begin");
    await client.query("lock table accounting.opening_balance in share mode");
    const brought = bring("USD");
    while (!(await waits("insert into opening_balance")));
    const closed = office.closeNow();
    // Either the next period waits, or it has come too early.
    while (!(await waits("open_period(")) && (await currencies()).length < 2);
    await client.query("commit");
    return await Promise.all([brought, closed]);
  });
  assert.equal(outcome[0].body.imported, 1);
  await app.settle();
  assert.deepEqual(await currencies(), ["USD", "USD"]);
  assert.deepEqual(await findings(), []);
});

test("the change that was on its way is taken back once the books are closed, the history says so, and there is no other", async () => {
  const shown = async () => (await app.as("admin").get("/settings")).body;
  const { now, next, items } = await shown();
  assert.deepEqual([now.currency, next.currency], ["EUR", "USD"]);
  assert.deepEqual(
    items.map((item: { currency: string; changedByName: string | null }) => [item.currency, item.changedByName]),
    [
      ["USD", null],
      ["EUR", "admin Popug"],
    ],
  );
  const refused = await app.as("admin").patch("/settings", { currency: "CHF" });
  assert.deepEqual([refused.status, refused.body.code], [409, "currency-fixed"]);
  await office.closeNow();
  assert.equal((await shown()).now.currency, "USD");
  assert.deepEqual(await currencies(), ["USD", "USD", "USD"]);
  assert.deepEqual(await findings(), []);
});

test("a currency that was changed by hand is found", async () => {
  await onServer(app.app.homes.of("accounting").installation.admin, async (client) => {
    await client.query("set session_replication_role = replica");
    await client.query("update accounting.period set currency = 'EUR' where number = 3");
  });
  assert.deepEqual(await findings(), ["period 3 is in EUR, but there were balances in USD before"]);
});
