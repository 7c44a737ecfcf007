import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAllClosed, assertClosedIsExact } from "../campaigns/books-proof.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { assertClosed, officeOf, type Office } from "./office.ts";

let app: TestApp;
let office: Office;
before(async () => {
  app = await startTestApp();
  office = officeOf(app);
});
after(() => app?.stop());

test("who is deactivated loses the open tasks to others, keeps the finished one, and is shut out", async () => {
  await office.createMany(30);
  const mine = (await office.tasks()).filter(({ assigneeId }) => assigneeId === app.people["worker1"]);
  assert(mine.length >= 2, "thirty draws among four");
  const [finished, ...open] = mine;
  await office.done(finished as never);
  await office.change("worker1", { status: "inactive" });
  await app.settle();
  const after = await office.tasks();
  for (const { id } of open) {
    const task = after.find((other) => other.id === id);
    assert(task?.assigneeId && task.assigneeId !== app.people["worker1"]);
    const fees = (await office.entries("kind=fee")).filter(({ taskId }) => taskId === id);
    assert.equal(fees.length, 2, "the draw for the next one is charged as well");
  }
  assert.equal(after.find(({ id }) => id === finished?.id)?.assigneeId, app.people["worker1"]);
  const refused = await app.as("worker1").post("/tasks", { title: "Let me in" });
  assert.deepEqual([refused.status, refused.body.code], [401, "user-inactive"]);
  await office.change("worker1", { status: "active" });
  await app.settle();
  assert.equal((await app.as("worker1").get("/my/tasks")).status, 200);
});

test("two shuffles, completions, a deactivation and an early close at once: each draw is charged once, each done paid once", async () => {
  await office.createMany(60);
  const open = (await office.tasks()).filter(({ status }) => status === "in_progress");
  const answers = await Promise.all([
    app.as("manager").post("/shuffles"),
    app.as("admin").post("/shuffles"),
    ...open.slice(0, 20).map((task) => app.as("admin").post(`/tasks/${task.id}/complete`)),
    app.as("admin").patch(`/users/${app.people["worker2"]}`, { status: "inactive" }),
    ...open.slice(20, 40).map((task) => app.as("admin").post(`/tasks/${task.id}/complete`)),
    app.as("accountant").post(`/periods/${(await office.openPeriod()).number}/close`),
    app.as("manager").post("/shuffles"),
  ]);
  for (const { status, body } of answers) assert(status < 300, JSON.stringify(body));
  await app.settle();

  const tasks = await office.tasks();
  for (const { id } of open.slice(0, 40)) assert.equal(tasks.find((task) => task.id === id)?.status, "done");
  const stillHis = tasks.filter((t) => t.status === "in_progress" && t.assigneeId === app.people["worker2"]);
  assert.deepEqual(stillHis, []);

  // As many fees as the log knows assignments, and one reward for each task that is done.
  const [told] = await app.owner<{ assigned: number; done: number }>(
    `select count(*) filter (where type = 'task.assigned') as assigned, count(*) filter (where type = 'task.done') as done
       from tasks.log`,
  );
  const entries = await office.entries("");
  assert.equal(entries.filter(({ kind }) => kind === "fee").length, told?.assigned);
  assert.equal(entries.filter(({ kind }) => kind === "reward").length, told?.done);
  assert.equal(told?.done, 41);
  assertClosed(await office.closeNow());
  await assertAllClosed(app.owner, "journey");
  await assertClosedIsExact(app.owner, 1, "journey");
});
