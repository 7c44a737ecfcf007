import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { taskCreatedV1 } from "../../../src/contracts/tasks/task.created.v1.ts";
import { taskCreatedV2 } from "../../../src/contracts/tasks/task.created.v2.ts";
import { type Books, entry, startBooks } from "../notifications/books.ts";

let books: Books;
let worker1: string;
let worker2: string;

before(async () => {
  books = await startBooks();
  worker1 = books.app.people["worker1"] as string;
  worker2 = books.app.people["worker2"] as string;
});
after(async () => await books.stop());

const analytics = async (day: string) => {
  const answer = await books.app.as("admin").get(`/analytics?day=${day}`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
};
const topTask = async (span: string, day: string) => {
  const answer = await books.app.as("admin").get(`/analytics/top-task?span=${span}&day=${day}`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
};

test("management earned fees minus rewards; payouts are no part of it; a taken-back reward is none", async () => {
  const taskId = randomUUID();
  await books.post(1, "2026-03-02", 3, [
    entry(worker1, "fee", -1500),
    entry(worker2, "fee", -2000),
    entry(worker1, "reward", 3000, { taskId }),
  ]);
  await books.post(1, "2026-03-02", 4, [entry(worker1, "payout", -700)]);
  await books.app.settle();
  let day = await analytics("2026-03-02");
  assert.deepEqual([day.earnedMinor, day.feesMinor, day.rewardsMinor, day.final], [500, 3500, 3000, false]);

  await books.post(1, "2026-03-02", 3, [entry(worker1, "reward-reversal", -3000, { taskId })]);
  await books.app.settle();
  day = await analytics("2026-03-02");
  assert.deepEqual([day.earnedMinor, day.rewardsMinor], [3500, 0]);
  assert.deepEqual(day.popugsBelowZero, [
    { userId: worker1, name: "worker1 Popug", balanceMinor: -2200 },
    { userId: worker2, name: "worker2 Popug", balanceMinor: -2000 },
  ]);
  assert.equal(day.negativeCount, 2);
  assert.equal((await topTask("day", "2026-03-02")).task, null, "a reopened task is not a finished one");
});

test("a day is final when its registration has ended, and the sixteen barriers agree with what was counted", async () => {
  await books.endRegistration({ period: 1, day: "2026-03-02", next: { day: "2026-03-03" } });
  await books.app.settle();
  assert.equal((await analytics("2026-03-02")).final, false, "registration has ended, the books are not closed");
  await books.issue({ period: 1, userId: worker2, debitsMinor: 2000, closingMinor: -2000 });
  await books.close({ period: 1, businessDate: "2026-03-02", feesMinor: 3500, rewardsMinor: 0, negativeCount: 1 });
  await books.app.settle();
  const day = await analytics("2026-03-02");
  assert.deepEqual([day.final, day.findings, day.negativeCount], [true, [], 1]);
  assert.deepEqual(day.popugsBelowZero, [{ userId: worker2, name: "worker2 Popug", balanceMinor: -2000 }]);
  assert.equal(day.today, "2026-03-03");
});

test("after an early close the day stays open until its second period is closed, too", async () => {
  await books.post(2, "2026-03-03", 0, [entry(worker1, "fee", -1000)]);
  await books.endRegistration({ period: 2, day: "2026-03-03", next: { day: "2026-03-03", part: 2 } });
  await books.close({ period: 2, businessDate: "2026-03-03", feesMinor: 1000 });
  await books.post(3, "2026-03-03", 5, [entry(worker1, "fee", -1200)]);
  await books.app.settle();
  let day = await analytics("2026-03-03");
  assert.deepEqual([day.final, day.feesMinor], [false, 2200]);
  await books.endRegistration({ period: 3, day: "2026-03-03", part: 2, next: { day: "2026-03-04" } });
  await books.close({ period: 3, businessDate: "2026-03-03", part: 2, label: "2026-03-03/2", feesMinor: 1200 });
  await books.app.settle();
  day = await analytics("2026-03-03");
  assert.deepEqual([day.final, day.findings], [true, []]);
  assert.deepEqual(
    day.series.map((one: { day: string; earnedMinor: number }) => [one.day, one.earnedMinor]),
    [
      ["2026-03-02", 3500],
      ["2026-03-03", 2200],
    ],
  );
});

test("money that differs from what accounting announced is a finding, and the day is not final", async () => {
  await books.post(4, "2026-03-04", 0, [entry(worker1, "fee", -1000)]);
  await books.endRegistration({ period: 4, day: "2026-03-04", next: { day: "2026-03-05" } });
  await books.close({ period: 4, businessDate: "2026-03-04", feesMinor: 1100 });
  await books.app.settle();
  const day = await analytics("2026-03-04");
  assert.equal(day.final, false);
  assert.deepEqual(day.findings, [{ period: 4, partition: null, what: "fees", expected: 1100, counted: 1000 }]);
});

test("an event that could not be counted is a finding until it is redriven; the barrier behind it does not hide it", async () => {
  await books.post(5, "2026-03-05", 7, [entry(worker1, "fee", -1000)]);
  // Damaged on the way into the log, as a bug of the producer would.
  await books.app.owner(`update accounting.outbox set data = data - 'entries' where type = 'entry.posted'`);
  await books.endRegistration({ period: 5, day: "2026-03-05", next: { day: "2026-03-06" } });
  await books.close({ period: 5, businessDate: "2026-03-05", feesMinor: 1000 });
  await books.app.settle();
  let day = await analytics("2026-03-05");
  assert.equal(day.final, false);
  assert.deepEqual(day.findings, [{ period: 5, partition: 7, what: "entry.posted", expected: 1, counted: 0 }]);

  await books.app.owner(
    `update analytics.dead_letter set redrive_at = now(),
            edited = (event->'data') || jsonb_build_object('entries', jsonb_build_array($1::jsonb)) where status = 'dead'`,
    [JSON.stringify(entry(worker1, "fee", -1000))],
  );
  await books.app.settle();
  day = await analytics("2026-03-05");
  assert.deepEqual([day.final, day.findings, day.feesMinor], [true, [], 1000]);
});

test("the top task is the dearest finished one of the day, the ISO week, the month, with its newest title", async () => {
  const [cheap, dear, dearest] = [randomUUID(), randomUUID(), randomUUID()];
  await books.say("tasks", (emit) =>
    emit(taskCreatedV2, {
      taskId: dear,
      number: 2,
      title: "Wash",
      jiraId: "POP-7",
      description: "",
      status: "in_progress",
    }),
  );
  // Sunday 8 March, Monday 9 March, Tuesday 31 March.
  await books.post(8, "2026-03-08", 1, [entry(worker1, "reward", 2000, { taskId: cheap })]);
  await books.post(9, "2026-03-09", 1, [entry(worker2, "reward", 3500, { taskId: dear })]);
  await books.post(31, "2026-03-31", 1, [entry(worker2, "reward", 4000, { taskId: dearest })]);
  await books.app.settle();
  assert.equal((await topTask("day", "2026-03-08")).task.id, cheap);
  assert.equal((await topTask("week", "2026-03-08")).task.id, cheap, "the week ends on Sunday");
  const week = await topTask("week", "2026-03-12");
  assert.deepEqual(
    [week.from, week.to, week.task.id, week.task.title, week.task.jiraId, week.task.rewardMinor, week.task.name],
    ["2026-03-09", "2026-03-15", dear, "Wash", "POP-7", 3500, "worker2 Popug"],
  );
  const month = await topTask("month", "2026-03-01");
  assert.deepEqual([month.task.id, month.doneCount, month.totalMinor], [dearest, 3, 9500]);
});

test("titles of the first version of task.created are split like those of the second", async () => {
  const taskId = randomUUID();
  const data = { taskId, number: 3, title: "[POP-9] - Feed the chicks", description: "", status: "in_progress" };
  await books.say("tasks", (emit) => emit(taskCreatedV2, { ...data, status: "in_progress", jiraId: null }));
  await books.app.owner(`update tasks.outbox set version = 1, data = $1::jsonb where type = 'task.created'`, [
    JSON.stringify(data),
  ]);
  assert.equal(taskCreatedV1.readProblem(data), null);
  await books.post(40, "2026-04-01", 1, [entry(worker2, "reward", 2500, { taskId })]);
  await books.app.settle();
  const { task } = await topTask("day", "2026-04-01");
  assert.deepEqual([task.title, task.jiraId], ["Feed the chicks", "POP-9"]);
});

test("only admins see analytics; a day that is none is refused", async () => {
  for (const login of ["worker1", "manager", "accountant"]) {
    assert.equal((await books.app.as(login).get("/analytics")).status, 403);
    assert.equal((await books.app.as(login).get("/analytics/top-task")).status, 403);
  }
  for (const none of ["2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31"]) {
    for (const path of ["/analytics?", "/analytics/top-task?span=week&", "/analytics/rewards?span=month&"]) {
      const refused = await books.app.as("admin").get(`${path}day=${none}`);
      assert.deepEqual([refused.status, refused.body.code], [400, "no-such-day"], `${path}${none}`);
    }
  }
});
