import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import pg from "pg";
import { taskUpdatedV2 } from "../../../src/contracts/tasks/task.updated.v2.ts";
import { userCreatedV1 } from "../../../src/contracts/auth/user.created.v1.ts";
import { type Books, entry, startBooks } from "../notifications/books.ts";

let books: Books;
let worker1: string;

before(async () => {
  // Small batches, so that a few events are many transactions.
  books = await startBooks({}, 16);
  worker1 = books.app.people["worker1"] as string;
});
after(async () => await books.stop());

const analytics = async (day: string) => (await books.app.as("admin").get(`/analytics?day=${day}`)).body;

test("two copies that read the same events at once count each of them once", async () => {
  for (let i = 0; i < 60; i++) await books.post(1, "2026-03-02", i % 16, [entry(worker1, "fee", -1000)]);
  await books.step("accounting", "sequencer");
  const copy = books.copyOf("analytics");
  const own = books.app.app.services.get("analytics");
  for (let i = 0; i < 20; i++) await Promise.all([copy.pass(), own?.pass()]);
  await books.app.settle();
  assert.equal((await analytics("2026-03-02")).feesMinor, 60_000);
});

test("a crash between the effects and the cursor leaves neither", async () => {
  for (let i = 0; i < 5; i++) await books.post(2, "2026-03-03", i, [entry(worker1, "fee", -1000)]);
  await books.step("accounting", "sequencer");
  const { admin } = books.app.app.homes.of("analytics").installation;
  const lock = new pg.Client(admin);
  await lock.connect();
  await lock.query("begin; lock table analytics.arrived in exclusive mode");
  const pass = books.step("analytics", "consumer:on-accounting");
  const rejected = assert.rejects(pass);
  // Everything of the batch is written but its last table, for which it waits: that is when its connection dies.
  let killed = 0;
  while (killed === 0) {
    const rows = await books.app.owner<{ killed: boolean }>(
      `select pg_terminate_backend(pid) as killed from pg_stat_activity
        where datname = current_database() and application_name = 'popug analytics' and wait_event_type = 'Lock'`,
    );
    killed = rows.length;
  }
  await rejected;
  await lock.end();
  assert.equal((await analytics("2026-03-03")).feesMinor, 0);
  await books.app.settle();
  assert.equal((await analytics("2026-03-03")).feesMinor, 5000);
});

test("money may arrive before the popug and the task it is about are known", async () => {
  const [userId, taskId] = [randomUUID(), randomUUID()];
  await books.post(3, "2026-03-04", 3, [entry(userId, "fee", -1000), entry(userId, "reward", 4000, { taskId })]);
  await books.app.settle();
  const before = (await books.app.as("admin").get("/analytics/top-task?day=2026-03-04")).body.task;
  assert.deepEqual([before.id, before.title, before.name, before.rewardMinor], [taskId, null, null, 4000]);
  await books.say("tasks", (emit) =>
    emit(taskUpdatedV2, { taskId, title: "Sing", jiraId: null, assigneeId: userId, isDone: true, change: "done" }),
  );
  await books.say("auth", (emit) =>
    emit(userCreatedV1, {
      userId,
      login: "late",
      name: "Late Popug",
      email: "late@popug.test",
      roles: ["worker"],
      language: "en",
      status: "active",
      version: 1,
      validFrom: "2026-03-01T00:00:00.000Z",
    }),
  );
  await books.app.settle();
  const task = (await books.app.as("admin").get("/analytics/top-task?day=2026-03-04")).body.task;
  assert.deepEqual([task.title, task.name], ["Sing", "Late Popug"]);
});

test("a closing that is read before the day's tasks barrier makes the day final once that is here, too", async () => {
  await books.post(4, "2026-03-05", 3, [entry(worker1, "fee", -1000)]);
  await books.close({ period: 4, businessDate: "2026-03-05", feesMinor: 1000 });
  await books.app.settle();
  assert.equal((await analytics("2026-03-05")).final, false);
  await books.endRegistration({ period: 4, day: "2026-03-05", next: { day: "2026-03-06" } });
  await books.app.settle();
  assert.equal((await analytics("2026-03-05")).final, true);
});

test("half of the barriers make no final day", async () => {
  await books.endRegistration({ period: 5, day: "2026-03-06", next: { day: "2026-03-07" } });
  await books.close({ period: 5, businessDate: "2026-03-06" });
  await books.app.owner("delete from accounting.outbox where partition >= 8");
  await books.app.settle();
  const day = await analytics("2026-03-06");
  assert.deepEqual([day.final, day.findings], [false, []]);
});
