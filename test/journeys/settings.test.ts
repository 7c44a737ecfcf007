/** What a company sets, changed while it works: it counts from the next period on, and nothing of the past changes. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { verifyBooks } from "../../src/services/accounting/verify.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { assertClosed, officeOf, type Office } from "./office.ts";

let app: TestApp;
let office: Office;
before(async () => {
  // The day before Berlin's clocks go back: 25 October 2048.
  app = await startTestApp({ loops: false, settings: { timeZone: "UTC" }, beginsAt: "2048-10-24T10:00:00Z" });
  office = officeOf(app);
  await app.settle();
});
after(() => app?.stop());

const change = (wish: unknown, by = "admin") => app.as(by).patch("/settings", wish);
const history = async () => {
  const answer = await app.as("admin").get("/settings");
  assert.equal(answer.status, 200);
  return answer.body;
};
const fees = async (period: number) =>
  (await office.entries(`period=${period}&kind=fee`)).map(({ amountMinor }) => amountMinor);
const prices = async () => (await app.as("worker1").get("/prices")).body;
const exactly = (amount: number) => ({ from: amount, to: amount });

test("before the first task the currency can be changed, and counts from the next period on", async () => {
  assert.equal((await change({ currency: "EUR" })).status, 200);
  assert.deepEqual([(await history()).now.currency, (await history()).next.currency], ["USD", "EUR"]);
  assertClosed(await office.closeNow());
  assert.equal((await prices()).currency, "EUR");
});

test("a task that comes before the currency changes keeps it as it was, and the history says so", async () => {
  assert.equal((await change({ currency: "CHF" })).status, 200);
  await office.create("Feed the chicks");
  await app.settle();
  assertClosed(await office.closeNow());
  const { now, items } = await history();
  assert.equal(now.currency, "EUR");
  assert.deepEqual(
    items.map((item: { currency: string; changedByName: string | null }) => [item.currency, item.changedByName]),
    [
      ["EUR", null],
      ["CHF", "admin Popug"],
      ["EUR", "admin Popug"],
    ],
  );
  const refused = await change({ currency: "CHF" });
  assert.deepEqual([refused.status, refused.body.code], [409, "currency-fixed"]);
  assert.equal(refused.body.title, "The books are in EUR since the first task or balance; that stays.");
  for (const path of ["/analytics", "/analytics/top-task", "/analytics/rewards"]) {
    assert.equal((await app.as("admin").get(path)).body.currency, "EUR", path);
  }
});

test("prices that are changed in the midst of a day count from the next period on, and what was drawn stays", async () => {
  const { number } = await office.openPeriod();
  await office.createMany(10);
  await app.settle();
  const before = await fees(number);
  assert.equal((await change({ feeRange: exactly(77) })).status, 200);
  assert.deepEqual((await prices()).fee, { fromMinor: 1_000, toMinor: 2_000 });
  await office.createMany(10);
  await app.settle();
  const ofToday = await fees(number);
  assert.deepEqual(ofToday.slice(0, before.length), before);
  assert(ofToday.every((fee) => fee <= -1_000 && fee >= -2_000));
  assertClosed(await office.closeNow());
  await office.createMany(5);
  await app.settle();
  assert.deepEqual(
    await fees(number + 1),
    Array.from({ length: 5 }, () => -7_700),
  );
  assert.deepEqual(await fees(number), ofToday);
  assert.deepEqual((await prices()).fee, { fromMinor: 7_700, toMinor: 7_700 });
});

test("of two changes in one period the second builds on the first", async () => {
  const { number } = await office.openPeriod();
  assert.equal((await change({ feeRange: exactly(30) })).status, 200);
  const { body } = await change({ rewardRange: exactly(60) });
  assert.deepEqual([body.effectivePeriod, body.settings.feeRange], [number + 1, exactly(30)]);
  const shown = await history();
  assert.deepEqual(
    [shown.now.feeRange, shown.next.feeRange, shown.next.rewardRange],
    [exactly(77), exactly(30), exactly(60)],
  );
  assert.deepEqual(
    shown.items.slice(0, 2).map((item: { effectivePeriod: number }) => item.effectivePeriod),
    [number + 1, number + 1],
  );
});

test("two admins at once: what each changes counts", async () => {
  const answers = await Promise.all([change({ feeRange: exactly(31) }), change({ rewardRange: exactly(61) })]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  );
  const { next } = await history();
  assert.deepEqual([next.feeRange, next.rewardRange], [exactly(31), exactly(61)]);
});

test("a later change counts, even if the clock of the process that made an earlier one was ahead", async () => {
  await app.sql("tasks")(
    `insert into setting (settings_id, effective_period, fee_from, fee_to, reward_from, reward_to, currency, time_zone,
                          closes_at, changed_by, changed_at)
     select 'ffffffff-ffff-7fff-bfff-ffffffffffff', effective_period, 32, 32, reward_from, reward_to, currency, time_zone,
            closes_at, changed_by, changed_at from setting order by change desc limit 1`,
  );
  assert.deepEqual((await history()).next.feeRange, exactly(32));
  assert.equal((await change({ feeRange: exactly(31) })).status, 200);
  const { next, items } = await history();
  assert.deepEqual([next.feeRange, items[0].feeRange, items[1].feeRange], [exactly(31), exactly(31), exactly(32)]);
});

test("zone and closing time leave the open day as it is; a day in which clocks go back has 25 hours", async () => {
  const open = await office.openPeriod();
  assert.equal(open.endsAt, "2048-10-25T00:00:00.000Z");
  assert.equal((await change({ timeZone: "Europe/Berlin" })).status, 200);
  assert.equal((await office.openPeriod()).endsAt, open.endsAt);
  const today = async () => (await app.as("worker1").get("/business-day")).body;
  assert.deepEqual([(await today()).timeZone, (await today()).endsAt], ["UTC", open.endsAt]);
  assertClosed(await office.midnight());
  const berlin = await office.openPeriod();
  // 02:00 in Berlin, an hour before its clocks go back.
  assert.deepEqual(
    [berlin.businessDate, berlin.part, berlin.beganAt, berlin.endsAt],
    ["2048-10-25", 1, open.endsAt, "2048-10-25T23:00:00.000Z"],
  );
  assert.deepEqual(await today(), {
    ...{ period: berlin.number, businessDate: "2048-10-25", endsAt: berlin.endsAt, timeZone: "Europe/Berlin" },
  });
  assert.equal((await change({ closesAt: "18:00" })).status, 200);
  assertClosed(await office.midnight());
  const evening = await office.openPeriod();
  assert.deepEqual([evening.businessDate, evening.endsAt], ["2048-10-26", "2048-10-26T17:00:00.000Z"]);
  assertClosed(await office.midnight());
  assert.equal((await office.openPeriod()).businessDate, "2048-10-27");
});

test("what cannot be set is refused with a sentence for each", async () => {
  const cases: [wish: unknown, sentence: RegExp][] = [
    [{ feeRange: { from: 20, to: 10 } }, /^the fee cannot be from 20 to 10: the first is the lower one\.$/],
    [{ rewardRange: { from: 5, to: 4 } }, /^the reward cannot be from 5 to 4/],
    [{ timeZone: "Europe/Nowhere" }, /^Europe\/Nowhere is no IANA time zone \(such as Europe\/Berlin\)\.$/],
    [{ currency: "XYZ" }, /^XYZ is no ISO 4217 currency \(such as USD\)\.$/],
  ];
  for (const [wish, sentence] of cases) {
    const { status, body } = await change(wish);
    assert.deepEqual([status, body.code], [400, "bad-settings"], JSON.stringify(body));
    assert.match(body.title, sentence);
  }
  for (const wish of [{ closesAt: "25:00" }, { feeRange: { from: 0, to: 3 } }, { feeRange: { from: 1.5, to: 3 } }]) {
    assert.equal((await change(wish)).status, 400, JSON.stringify(wish));
  }
  assert.equal((await change({})).body.code, "settings-unchanged");
});

test("only admins see and change settings", async () => {
  for (const login of ["manager", "accountant", "worker1"]) {
    assert.equal((await app.as(login).get("/settings")).status, 403, login);
    assert.equal((await change({ feeRange: exactly(1) }, login)).status, 403, login);
  }
});

test("books of many settings are found in order", async () => {
  assert.deepEqual((await verifyBooks(app.sql("accounting"))).findings, []);
});
