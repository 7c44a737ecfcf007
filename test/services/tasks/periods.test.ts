import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import { billingCloseRequestedV1 } from "../../../src/contracts/accounting/billing.close-requested.v1.ts";
import { PARTITIONS } from "../../../src/platform/event.ts";
import { addTasks } from "../../../src/services/tasks/commands/create-task.ts";
import { endOfDay } from "../../../src/services/tasks/registration.ts";
import { endPeriod } from "../../../src/services/tasks/registration-store.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { noonZone } from "../../kit/noon.ts";
import { gate, holder, newTask, type Said, said, saidOf, transact, waitingForLocks } from "./log.ts";

const calendar = {
  timeZone: noonZone,
  closesAt: "00:00",
  currency: "USD",
  feeRange: { from: 10, to: 20 },
  rewardRange: { from: 20, to: 40 },
};
const DAY_MS = 24 * 3_600_000;

// Nothing moves by itself here: each test says when.
let app: TestApp;
before(async () => {
  app = await startTestApp({ settings: calendar, loops: false });
});
after(() => app.stop());

type Row = { period: number; businessDate: string; part: number; beganAt: Date; endsAt: Date };
const registration = async () => {
  const [row] = await app.sql("tasks")<Row>(
    `select period, business_date as "businessDate", part, began_at as "beganAt", ends_at as "endsAt" from registration`,
  );
  return row as Row;
};
const barriers = async () => {
  const ends = (await said(app)).filter((event) => event.type === "task.registration-ended" && event.partition === 0);
  return ends.map((event) => event.data);
};
const requestClose = async (period: number) => {
  const accounting = app.app.services.get("accounting");
  assert(accounting);
  await accounting.tools.transact("billing.close", "system:test", async (ctx) =>
    ctx.emit(billingCloseRequestedV1, { requestKey: "billing", period, by: "person" }),
  );
  await app.settle();
};
/** The exact barrier, in every partition: all of a period before it, nothing of it behind, and the counts agree. */
afterEach(async () => {
  const byPartition = Map.groupBy(await said(app), (event) => event.partition);
  const numbers = (await barriers()).map((data) => data.period);
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => i),
    "periods are ended one by one, from the founding on",
  );
  assert.equal(byPartition.size, PARTITIONS);
  for (const events of byPartition.values()) {
    let period = 0;
    let since: Said[] = [];
    for (const event of events) {
      assert.equal(event.period, period, `${event.type} at ${event.partition}/${event.position}`);
      if (event.type !== "task.registration-ended") {
        since.push(event);
        continue;
      }
      assert.equal(event.data.period, period);
      const counts = Object.fromEntries(Object.entries(event.control ?? {}).map(([type, { count }]) => [type, count]));
      const expected = Object.fromEntries(
        Object.entries(Object.groupBy(since, (e) => e.type)).map(([t, e]) => [t, e?.length]),
      );
      assert.deepEqual(counts, expected);
      assert.ok(since.every((e) => e.time.getTime() <= Date.parse(event.data.endedAt)));
      since = [];
      period++;
    }
  }
});

test("the first period is founded on the local date, by whoever comes first", async () => {
  const open = await registration();
  const [founding] = await barriers();
  assert.deepEqual([founding.period, founding.businessDate, founding.cause], [0, null, "founding"]);
  assert.equal(open.period, 1);
  assert.equal(open.part, 1);
  assert.deepEqual(open.endsAt, endOfDay(open.businessDate, calendar));
  assert.equal(founding.next.businessDate, open.businessDate);
});

test("a transaction in flight when the period ends stays in its period; whoever comes meanwhile is in the next", async () => {
  const { period } = await registration();
  const actor = { userId: app.people["manager"] as string, login: "manager", name: "m", roles: ["manager"] };
  const draft = (title: string) => [{ title, jiraId: null, description: "" }];
  const [joined, end] = [gate(), gate()];

  const inFlight = transact(app, async (ctx) => {
    const [id] = await addTasks({ ...ctx, actor, correlationId: uuidv7() }, draft("In flight"), calendar);
    joined.open();
    await end.opened;
    return id as string;
  });
  await joined.opened;
  const ending = transact(app, (ctx) => endPeriod(ctx, calendar, (open) => open.period === period));
  await waitingForLocks(app, 1);
  const late = newTask(app, "Comes meanwhile");
  await waitingForLocks(app, 2);
  assert.equal((await registration()).period, period);
  end.open();
  assert.equal(await ending, true);

  const early = await saidOf(app, await inFlight);
  assert.deepEqual(new Set(early.map((event) => event.period)), new Set([period]));
  const after = await saidOf(app, (await late).id);
  assert.deepEqual(new Set(after.map((event) => event.period)), new Set([period + 1]));
  const ended = (await barriers()).find((data) => data.period === period);
  assert.equal(ended.lastTaskNumber, early[0]?.data.number);
  assert.equal(after[0]?.data.number, ended.lastTaskNumber + 1);
});

test("an early close ends the period now; the next one is another part of the day and ends when the day ends", async () => {
  const before = await registration();
  const task = await newTask(app, "Before the close");
  await app.as(holder(app, task)).post(`/tasks/${task.id}/complete`);
  await requestClose(before.period);
  const after = await registration();
  assert.deepEqual(
    [after.period, after.businessDate, after.part],
    [before.period + 1, before.businessDate, before.part + 1],
  );
  assert.deepEqual(after.endsAt, before.endsAt);
  const ended = (await barriers()).at(-1);
  assert.deepEqual([ended.period, ended.cause, ended.lastTaskNumber], [before.period, "request", task.number]);
  assert.equal(Date.parse(ended.endedAt), after.beganAt.getTime());

  // The reward of an ended period stands.
  const reopened = await app.as(holder(app, task)).post(`/tasks/${task.id}/reopen`);
  assert.deepEqual([reopened.status, reopened.body.code], [409, "period-ended"]);
  assert.equal((await app.as("admin").get(`/tasks/${task.id}`)).body.reopenable, false);
});

test("a request for a period that has ended, or is yet to come, ends nothing", async () => {
  const before = await registration();
  await requestClose(before.period - 1);
  await requestClose(before.period + 1);
  assert.deepEqual(await registration(), before);
});

test("a request that is delivered again ends nothing", async () => {
  const before = await registration();
  await app.sql("tasks")("update cursor set position = 0 where consumer = 'on-billing-close-requested'");
  // The first look finds the cursor moved and reads it anew.
  const consumer = app.app.services.get("tasks")?.parts.get("consumer:on-billing-close-requested");
  assert(consumer);
  await consumer();
  await app.settle();
  assert.deepEqual(await registration(), before);
});

test("an ending that crashes at its commit has not happened, and happens once", async () => {
  const { period } = await registration();
  await app.owner(`create function tasks.crash() returns trigger language plpgsql as
    $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`);
  await app.owner(`create constraint trigger crash after update on tasks.registration deferrable initially deferred
    for each row execute function tasks.crash()`);
  await assert.rejects(requestClose(period));
  assert.equal((await registration()).period, period);
  await app.owner("drop trigger crash on tasks.registration");
  await app.settle();
  assert.equal((await registration()).period, period + 1);
});

test("midnight needs no other service: the first command after it ends the period, and is in the next", async () => {
  const before = await registration();
  const task = await newTask(app, "Yesterday's");
  await app.as(holder(app, task)).post(`/tasks/${task.id}/complete`);
  await app.settle();
  await app.moveClock(before.endsAt.getTime() - Date.now() + 1_000);
  const next = await newTask(app, "Today's");
  const after = await registration();
  assert.equal(after.period, before.period + 1);
  assert.equal(after.part, 1);
  assert.deepEqual(after.beganAt, before.endsAt);
  assert.equal((await saidOf(app, next.id))[0]?.period, after.period);
  assert.equal((await barriers()).at(-1).cause, "schedule");
  assert.equal((await app.as("admin").post(`/tasks/${task.id}/reopen`)).body.code, "period-ended");
});

test("a scheduled request for the period that is due anyway ends it once", async () => {
  const { period } = await registration();
  await app.moveClock(DAY_MS);
  await requestClose(period);
  assert.equal((await registration()).period, period + 1);
});

test("three days without activity are ended empty, one by one, and nobody has to press anything", async () => {
  const before = await registration();
  await app.moveClock(3 * DAY_MS);
  await app.settle();
  const after = await registration();
  assert.equal(after.period, before.period + 3);
  const days = (await barriers()).slice(-3);
  assert.deepEqual(
    days.map((data) => data.cause),
    ["schedule", "schedule", "schedule"],
  );
  const dates = [...days.map((data) => data.businessDate), after.businessDate];
  const expected = [0, 1, 2, 3].map((i) =>
    new Date(Date.parse(before.businessDate) + i * DAY_MS).toISOString().slice(0, 10),
  );
  assert.deepEqual(dates, expected);
});

test("periods that end amid creations, completions and a shuffle tear nothing apart", async () => {
  for (let round = 0; round < 5; round++) {
    const { period } = await registration();
    const create = async (i: number) => {
      const task = await newTask(app, `Round ${round}, task ${i}`);
      if (i % 2 === 0) await app.as("admin").post(`/tasks/${task.id}/complete`);
    };
    const creations = Array.from({ length: 20 }, (_, i) => create(i));
    const shuffle = app.as("manager").post("/shuffles");
    const job = app.app.services.get("tasks")?.parts.get("job:shuffle");
    const ending = transact(app, (ctx) => endPeriod(ctx, calendar, (open) => open.period === period));
    await Promise.all([...creations, shuffle, job?.(), ending, job?.()]);
    await app.settle();
    assert.equal((await registration()).period, period + 1);
  }
});
