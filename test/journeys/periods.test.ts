import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Temporal } from "temporal-polyfill";
import { assertAllClosed, assertClosedIsExact } from "../campaigns/books-proof.ts";
import { startTestApp, type TestApp, type TestOptions } from "../kit/app.ts";
import { assertClosed, officeOf, type Office, sum } from "./office.ts";

async function open(t: TestContext, options: TestOptions): Promise<{ app: TestApp; office: Office }> {
  const app = await startTestApp(options);
  t.after(() => app.stop());
  return { app, office: officeOf(app) };
}

test("an early close and the scheduled one make two periods of a day; its view adds them up", async (t) => {
  const { app, office } = await open(t, { loops: false });
  await office.createMany(10);
  await app.settle();
  const first = await office.openPeriod();
  for (const task of (await office.tasks()).slice(0, 5)) await office.done(task);
  const early = await office.closeNow();
  assertClosed(early);
  assert.equal(early.label, first.businessDate);

  const second = await office.openPeriod();
  assert.deepEqual(
    [second.label, second.businessDate, second.part, second.endsAt],
    [`${first.businessDate}/2`, first.businessDate, 2, first.endsAt],
  );
  await office.createMany(10);
  for (const task of (await office.tasks()).slice(5, 9)) await office.done(task);
  await app.settle();
  const late = await office.midnight();
  assertClosed(late);

  const { body: day } = await app.as("accountant").get(`/totals?day=${first.businessDate}`);
  const earned = (early.totals?.["earnedMinor"] ?? 0) + (late.totals?.["earnedMinor"] ?? 0);
  assert.equal(day.earnedMinor, earned);
  const entries = await office.entries(`day=${first.businessDate}`);
  assert.equal(earned, -sum(entries, "fee") - sum(entries, "reward"));
  const next = await office.openPeriod();
  assert.equal(next.part, 1);
  assert.equal(next.label, next.businessDate);
  assert(next.businessDate > first.businessDate);
  await assertClosedIsExact(app.owner, 1, "two periods of a day");

  // Whoever asks for the end of a period that has ended is told so, and nothing ends.
  const again = await app.as("accountant").post(`/periods/${first.number}/close`);
  assert.deepEqual([again.status, again.body.code], [409, "period-not-open"]);
  await app.settle();
  assert.equal((await office.openPeriod()).number, next.number);
});

/** Zones that move their clocks, some of them at midnight, so that a date begins at 01:00 or has 23:00 twice. */
const ZONES = [
  "Europe/Berlin",
  "America/New_York",
  "Australia/Sydney",
  "America/Santiago",
  "Africa/Cairo",
  "Asia/Beirut",
];

for (const hours of [23, 25]) {
  test(`a night that changes the clocks makes a business day of ${hours} hours, and every event falls on its day`, async (t) => {
    const changes = ZONES.flatMap((zone) => {
      const next = Temporal.Now.zonedDateTimeISO(zone).getTimeZoneTransition("next");
      const after = next?.getTimeZoneTransition("next");
      return [next, after].filter((change) => change != null && change.hoursInDay === hours);
    }) as Temporal.ZonedDateTime[];
    const [night] = changes.sort((a, b) => a.epochMilliseconds - b.epochMilliseconds);
    assert(night, "some zone of the world changes its clocks");
    t.diagnostic(night.toString());
    const evening = night.startOfDay().subtract({ hours: 2 }).toInstant().toString();
    const { app, office } = await open(t, {
      loops: false,
      settings: { timeZone: night.timeZoneId },
      beginsAt: evening,
    });
    await office.create("Set the clocks");
    await app.settle();
    assertClosed(await office.midnight());
    const day = await office.openPeriod();
    assert.equal(day.businessDate, night.toPlainDate().toString());
    assert.equal(Date.parse(day.beganAt), night.startOfDay().epochMilliseconds);
    assert.equal((Date.parse(day.endsAt) - Date.parse(day.beganAt)) / 3_600_000, hours);

    // A second before the clocks change and after it, and a minute before the end, are this day; the end is the next one.
    const moments = [night.epochMilliseconds - 1_000, night.epochMilliseconds + 1_000, Date.parse(day.endsAt) - 60_000];
    const today: string[] = [];
    for (const at of moments.filter((at) => at >= Date.parse(day.beganAt)).sort((a, b) => a - b)) {
      await office.clockTo(new Date(at).toISOString());
      today.push((await office.create("Still today")).id);
    }
    await office.clockTo(day.endsAt);
    const tomorrow = await office.create("At midnight");
    await app.settle();
    assertClosed(await office.period(day.number));
    const entries = await office.entries("kind=fee");
    const periodOf = (id: string) => entries.find(({ taskId }) => taskId === id)?.period;
    assert.deepEqual([...new Set(today.map(periodOf))], [day.number]);
    assert.equal(periodOf(tomorrow.id), day.number + 1);
    const [dates] = await app.owner<{ gaps: number }>(
      `select count(*) as gaps from accounting.period p join accounting.period q on q.number = p.number + 1
        where q.business_date <> p.business_date + 1 or q.began_at <> p.ends_at`,
    );
    assert.equal(dates?.gaps, 0, "every date once, each beginning where the one before it ended");
    await assertAllClosed(app.owner, night.toString());
    await assertClosedIsExact(app.owner, 1, night.toString());
  });
}

test("three days without anybody are closed empty, one by one, and carry every debt on", async (t) => {
  const { app, office } = await open(t, { loops: false });
  const task = await office.create("Left undone");
  await app.settle();
  const worker = office.loginOf(task.assigneeId) as string;
  const debt = (await office.account(worker)).balanceMinor;
  const { number, endsAt } = await office.openPeriod();
  await office.clockTo(new Date(Date.parse(endsAt) + 3 * 86_400_000 + 1_000).toISOString());
  await app.settle();
  for (let n = number; n <= number + 3; n++) {
    const period = await office.period(n);
    assertClosed(period);
    assert.equal(period.totals?.["carriedMinor"], debt);
    assert.equal(period.totals?.["entryCount"], n === number ? 1 : 0);
    assert.equal((await office.period(n + 1)).beganAt, period.endsAt);
  }
  assert.equal((await office.openPeriod()).number, number + 4);
  const mails = (await app.as("admin").get("/mails?kind=report&limit=100")).body.items;
  assert.equal(mails.length, 4, "one report of each day");
  await assertClosedIsExact(app.owner, 1, "three empty days");
});

test("accounting is down over midnight: the day ends without it, and is closed exactly when it is back", async (t) => {
  const { app, office } = await open(t, { loops: false });
  await office.createMany(20);
  await app.settle();
  const { number, endsAt } = await office.openPeriod();
  const others = ["auth", "tasks", "analytics", "notifications"].map((name) => app.app.services.get(name));
  const withoutAccounting = async () => {
    for (let did = -1; did !== 0; ) {
      did = 0;
      for (const service of others) did += (await service?.pass()) ?? 0;
    }
  };
  const [before, after, ...rest] = await office.tasks();
  await office.done(before as never);
  await office.change("worker3", { status: "inactive" });
  await withoutAccounting();
  await office.clockTo(endsAt);
  await withoutAccounting();
  // Accounting still answers questions: from the books as it knows them.
  assert.equal((await office.period(number)).status, "open");
  await office.done(after as never);
  await app.as("manager").post("/shuffles");
  await withoutAccounting();
  for (const task of rest.slice(0, 5)) await office.done(task);
  await withoutAccounting();

  await app.settle();
  assertClosed(await office.period(number));
  const entries = await office.entries("kind=reward");
  const periodOf = (id: string | undefined) => entries.find(({ taskId }) => taskId === id)?.period;
  assert.deepEqual([periodOf(before?.id), periodOf(after?.id)], [number, number + 1]);
  assert.equal(entries.length, 7);
  assertClosed(await office.midnight());
  await assertAllClosed(app.owner, "accounting was down");
  await assertClosedIsExact(app.owner, 1, "accounting was down");
});

test("a closing period says what it waits for, and goes on as soon as that is there", async (t) => {
  const { app, office } = await open(t, { loops: false });
  await office.createMany(20);
  await app.settle();
  const { number, endsAt } = await office.openPeriod();
  for (const task of (await office.tasks()).slice(0, 10)) await office.done(task);
  await office.clockTo(endsAt);
  const tasks = app.app.services.get("tasks");
  const accounting = app.app.services.get("accounting");
  await tasks?.parts.get("job:end-due-periods")?.();
  await tasks?.parts.get("sequencer")?.();
  // One event cannot be booked: its period waits for it, and for nothing else.
  await app.owner(
    "update tasks.log set data = data - 'change' where ctid = (select ctid from tasks.log where type = 'task.updated' and data->>'change' = 'done' limit 1)",
  );
  await app.settle();
  const waiting = await office.period(number);
  assert.equal(waiting.status, "closing");
  assert.deepEqual(
    waiting.waitingFor.map(({ kind }) => kind),
    ["dead-letter"],
  );
  // The next day is open and works meanwhile.
  await office.create("Meanwhile");
  await app.settle();
  const [letter] = (await app.as("admin").get("/dead-letters?service=accounting&status=dead")).body.items;
  assert.equal(letter.type, "task.updated");
  const data = { ...letter.data, change: "done" };
  const answer = await app.as("admin").post(`/dead-letters/accounting/${letter.id}/redrive`, { data });
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  await accounting?.parts.get("consumer:on-task")?.();
  await app.settle();
  assertClosed(await office.period(number));
  assert.equal((await office.entries(`kind=reward&period=${number}`)).length, 10);
});
