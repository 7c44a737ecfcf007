import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cancelTask } from "../../../src/services/tasks/commands/cancel-task.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { until } from "../../kit/until.ts";
import { gate, holder, newTask, saidOf, transact, words } from "./log.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(() => app.stop());

const cancel = (login: string, taskId: string, reason = "a duplicate of #1", headers = {}) =>
  app.as(login).post(`/tasks/${taskId}/cancel`, { reason }, headers);

test("a manager or an admin cancels an open task with a reason: it is told with the assignment that ends", async () => {
  for (const login of ["manager", "admin"]) {
    const task = await newTask(app, "A duplicate");
    const answer = await cancel(login, task.id);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.deepEqual(
      [answer.body.status, answer.body.cancelReason, answer.body.cancelledByName, answer.body.assigneeId],
      ["cancelled", "a duplicate of #1", `${login} Popug`, task.assigneeId],
    );
    const events = (await saidOf(app, task.id)).slice(1);
    assert.deepEqual(words(events), [
      "task.assigned",
      "task.updated:assigned",
      "task.cancelled",
      "task.updated:cancelled",
    ]);
    const [, assigned, , updated] = events;
    assert.deepEqual(events[2]?.data, { taskId: task.id, assigneeId: task.assigneeId, reason: "a duplicate of #1" });
    assert.deepEqual(updated?.data.cancellation, {
      reason: "a duplicate of #1",
      assigned: { period: assigned?.period, at: assigned?.time.toISOString() },
    });
    const { body } = await app.as("worker1").get(`/tasks/${task.id}/history`);
    assert.deepEqual([body.items[0].what, body.items[0].reason], ["cancelled", "a duplicate of #1"]);
  }
});

test("a task is cancelled once; a finished one is not cancelled, a cancelled one not finished, taken back or cancelled again", async () => {
  const task = await newTask(app, "Cancelled once");
  const key = { "idempotency-key": "cancel-once" };
  const first = await cancel("manager", task.id, "wrong", key);
  assert.deepEqual([first.status, (await cancel("manager", task.id, "wrong", key)).body], [200, first.body]);
  const worker = app.as(holder(app, task));
  for (const [answer, code] of [
    [await cancel("manager", task.id), "task-cancelled"],
    [await worker.post(`/tasks/${task.id}/complete`), "task-cancelled"],
    [await worker.post(`/tasks/${task.id}/reopen`), "task-not-done"],
  ] as const) {
    assert.deepEqual([answer.status, answer.body.code], [409, code]);
  }
  assert.equal(words(await saidOf(app, task.id)).filter((word) => word === "task.cancelled").length, 1);
  const done = await newTask(app, "Done");
  await app.as(holder(app, done)).post(`/tasks/${done.id}/complete`);
  const late = await cancel("manager", done.id);
  assert.deepEqual([late.status, late.body.code], [409, "task-already-done"]);
});

test("nobody else cancels, also not the assignee; a reason is needed, and a task", async () => {
  const task = await newTask(app, "Not theirs to cancel");
  for (const login of [holder(app, task), "accountant"])
    assert.equal((await cancel(login, task.id)).status, 403, login);
  assert.equal((await fetch(`${app.url}/api/tasks/${task.id}/cancel`, { method: "POST" })).status, 401);
  for (const reason of ["", "  x  ", "y".repeat(501)])
    assert.equal((await cancel("manager", task.id, reason)).status, 400);
  const unknown = await cancel("manager", "0198c0de-0000-7000-8000-000000000001");
  assert.deepEqual([unknown.status, unknown.body.code], [404, "task-not-found"]);
  assert.equal((await app.as("admin").get(`/tasks/${task.id}`)).body.status, "in_progress");
});

test("cancelled and done at the same moment, twenty times: one of the two happens, and only that is told", async () => {
  for (let round = 0; round < 20; round++) {
    const task = await newTask(app, "Contested");
    const answers = await Promise.all([
      cancel("manager", task.id),
      app.as(holder(app, task)).post(`/tasks/${task.id}/complete`),
    ]);
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409]);
    const { status } = (await app.as("admin").get(`/tasks/${task.id}`)).body;
    assert.equal(status, answers[0].status === 200 ? "cancelled" : "done");
    const facts = words(await saidOf(app, task.id)).filter((word) => ["task.cancelled", "task.done"].includes(word));
    assert.deepEqual(facts, [`task.${status}`]);
  }
});

test("a shuffle that waits for a cancellation passes the task by", async () => {
  const kept = await newTask(app, "Kept");
  const task = await newTask(app, "Cancelled while the shuffle waits");
  const { opened, open } = gate();
  const locked = gate();
  const userId = app.people["manager"] as string;
  const holding = transact(app, async (ctx) => {
    const actor = { userId, login: "manager", name: "manager", roles: ["manager"] };
    await cancelTask({ ...ctx, actor, correlationId: task.id }, task.id, "wrong", app.app.config.settings);
    locked.open();
    await opened;
  });
  await locked.opened;
  assert.equal((await app.as("manager").post("/shuffles")).status, 202);
  const waits = async () => {
    const [row] = await app.owner<{ n: number }>(
      "select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    return (row?.n ?? 0) > 0 || undefined;
  };
  await until(waits, { withinMs: 10_000, everyMs: 20, late: () => "the shuffle should have waited for the task" });
  open();
  await holding;
  await app.settle();
  const after = async (id: string) => words(await saidOf(app, id)).filter((word) => word === "task.assigned").length;
  assert.deepEqual([await after(kept.id), await after(task.id)], [2, 1]);
});

test("lists and counters tell cancelled tasks from open and finished ones", async () => {
  const before = (await app.as("admin").get("/tasks/counts")).body;
  const task = await newTask(app, "Counted as cancelled");
  await cancel("manager", task.id);
  const now = (await app.as("admin").get("/tasks/counts")).body;
  assert.deepEqual([now.open - before.open, now.done - before.done, now.cancelled - before.cancelled], [0, 0, 1]);
  for (const [status, found] of [
    ["cancelled", true],
    ["in_progress", false],
    ["done", false],
  ] as const) {
    const { items } = (await app.as("worker1").get(`/tasks?status=${status}&limit=500`)).body;
    assert.equal(
      items.some(({ id }: { id: string }) => id === task.id),
      found,
      status,
    );
  }
  const mine = (await app.as(holder(app, task)).get("/my/tasks?status=in_progress&limit=500")).body.items;
  assert(!mine.some(({ id }: { id: string }) => id === task.id));
});
