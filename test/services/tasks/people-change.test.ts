import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { v7 as uuidv7 } from "uuid";
import { addTasks } from "../../../src/services/tasks/commands/create-task.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { gate, newTask, said, saidOf, transact, waitingForLocks, words } from "./log.ts";

// One company for the whole file; each test leaves it with nobody but managers and admins.
let app: TestApp;
before(async () => {
  app = await startTestApp({ people: [{ login: "manager", roles: ["manager"] }] });
});
after(() => app.stop());

const change = async (login: string, to: object) => {
  const answer = await app.as("admin").patch(`/users/${app.people[login]}`, to);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
};
const joins = async (login: string) => {
  await app.join({ login, roles: ["worker"] });
  await app.settle();
};
/** A creation that has drawn, and is held open. */
const creationInFlight = async () => {
  const actor = { userId: app.people["manager"] as string, login: "manager", name: "m", roles: ["manager"] };
  const drafts = [{ title: "In flight", jiraId: null, description: "" }];
  const [drawn, end] = [gate(), gate()];
  const taskId = transact(app, async (ctx) => {
    const [id] = await addTasks({ ...ctx, actor, correlationId: uuidv7() }, drafts, app.app.config.settings);
    drawn.open();
    await end.opened;
    return id as string;
  });
  await drawn.opened;
  return {
    commit: async () => {
      end.open();
      return { id: await taskId };
    },
  };
};
const view = async (task: { id: string }) => (await app.as("manager").get(`/tasks/${task.id}`)).body;
const openTasks = async () =>
  await app.sql("tasks")<{ id: string; assigneeId: string | null }>(
    `select task_id as id, assignee_id as "assigneeId" from task where status = 'in_progress' order by task_id`,
  );
const finishAll = async () => {
  for (const { id, assigneeId } of await openTasks()) {
    if (assigneeId !== null) await app.as("admin").post(`/tasks/${id}/complete`);
  }
};

test("a task for which there is nobody waits, and goes to the first popug who comes", async () => {
  const task = await newTask(app, "Waits");
  assert.deepEqual([task.assigneeId, task.assigneeName, task.assignedAt], [null, null, null]);
  assert.deepEqual(words(await saidOf(app, task.id)), ["task.created"]);
  assert.equal((await app.as("admin").post(`/tasks/${task.id}/complete`)).body.code, "task-waits");

  await joins("first");
  assert.equal((await view(task)).assigneeId, app.people["first"]);
  const [, assigned, updated] = await saidOf(app, task.id);
  assert.deepEqual([assigned?.data.reason, assigned?.data.previousAssigneeId], ["waiting", null]);
  assert.equal(updated?.data.change, "assigned");
  // The log leads from the assignment back to the user event, and to the admin who invited the popug.
  assert.match(assigned?.cause ?? "", /^auth\/\d+\/\d+$/);
  assert.equal(assigned?.actor, `user:${app.people["admin"]}`);
  await finishAll();
  await change("first", { status: "inactive" });
  await app.settle();
});

test("somebody deactivated loses the open tasks to a new draw, and keeps the finished ones", async () => {
  await joins("leaver");
  const open = await newTask(app, "Open");
  const done = await newTask(app, "Done");
  await app.as("leaver").post(`/tasks/${done.id}/complete`);
  await joins("stayer");
  await change("leaver", { status: "inactive" });
  await app.settle();
  assert.equal((await view(open)).assigneeId, app.people["stayer"]);
  assert.equal((await view(done)).assigneeId, app.people["leaver"]);
  const [assigned, updated] = (await saidOf(app, open.id)).slice(3);
  assert.deepEqual(
    [assigned?.data.reason, assigned?.data.previousAssigneeId, updated?.data.change, updated?.data.assigneeId],
    ["user-changed", app.people["leaver"], "assigned", app.people["stayer"]],
  );
  assert.equal((await saidOf(app, done.id)).length, 5);

  // A manager draws no tasks either; with nobody left they wait, which costs nobody anything.
  await change("stayer", { roles: ["worker", "manager"] });
  await app.settle();
  assert.equal((await view(open)).assigneeId, null);
  const last = (await saidOf(app, open.id)).at(-1);
  assert.deepEqual([last?.type, last?.data.change, last?.data.assigneeId], ["task.updated", "edited", null]);

  // Back among the workers, the task is theirs again, by a new draw.
  await change("stayer", { roles: ["worker"] });
  await app.settle();
  assert.equal((await view(open)).assigneeId, app.people["stayer"]);
  await finishAll();
  await change("stayer", { status: "inactive" });
  await app.settle();
});

test("a finished task of somebody who left is reopened to a new draw", async () => {
  await joins("finisher");
  const task = await newTask(app, "Reopened later");
  await app.as("finisher").post(`/tasks/${task.id}/complete`);
  await joins("heir");
  await change("finisher", { status: "inactive" });
  await app.settle();
  assert.equal((await app.as("admin").post(`/tasks/${task.id}/reopen`)).body.assigneeId, app.people["heir"]);
  const events = (await saidOf(app, task.id)).slice(5);
  assert.deepEqual(words(events), ["task.reopened", "task.updated:reopened", "task.assigned", "task.updated:assigned"]);
  assert.deepEqual(
    events.map((event) => event.data.assigneeId),
    [app.people["finisher"], app.people["finisher"], app.people["heir"], app.people["heir"]],
  );
  assert.equal(events[2]?.data.reason, "reopened");
  await finishAll();
  await change("heir", { status: "inactive" });
  await app.settle();
});

test("a draw in flight and a deactivation: no task stays with somebody who is out", async () => {
  await joins("going");
  const creation = await creationInFlight();
  await change("going", { status: "inactive" });
  const moved = app.settle();
  // The change among the people waits for the draw, and finds its task.
  await waitingForLocks(app, 1);
  const task = await creation.commit();
  await moved;
  await app.settle();
  assert.equal((await view(task)).assigneeId, null);
  assert.deepEqual(words(await saidOf(app, task.id)).slice(1), [
    "task.assigned",
    "task.updated:assigned",
    "task.updated:edited",
  ]);
  await joins("coming");
  assert.equal((await view(task)).assigneeId, app.people["coming"]);
  await finishAll();
  await change("coming", { status: "inactive" });
  await app.settle();
});

test("a task created while the first popug is coming does not wait for ever", async () => {
  const creation = await creationInFlight();
  await app.join({ login: "saviour", roles: ["worker"] });
  const moved = app.settle();
  await waitingForLocks(app, 1);
  const task = await creation.commit();
  await moved;
  await app.settle();
  assert.equal((await view(task)).assigneeId, app.people["saviour"]);
  await finishAll();
  await change("saviour", { status: "inactive" });
  await app.settle();
});

test("user events that come again, the old ones behind the new, change nothing and draw nothing", async () => {
  await joins("twice");
  await newTask(app, "Stays");
  await change("twice", { name: "Renamed" });
  await app.settle();
  const people = () => app.sql("tasks")("select * from person order by user_id");
  const before = [await people(), await openTasks(), (await said(app)).length];
  await app.sql("tasks")("update cursor set position = 0 where consumer = 'on-user-changed'");
  await app.settle();
  assert.deepEqual([await people(), await openTasks(), (await said(app)).length], before);
  await finishAll();
  await change("twice", { status: "inactive" });
  await app.settle();
});

test("a crash between the reassignment and its acknowledgement leaves no trace, and the work is done once", async () => {
  await joins("crash1");
  const tasks = [await newTask(app, "One"), await newTask(app, "Two"), await newTask(app, "Three")];
  await joins("crash2");
  const before = (await said(app)).length;
  // The connection ends when the work of the transaction is done: at its commit.
  await app.owner(`create function tasks.crash() returns trigger language plpgsql as
    $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`);
  await app.owner(`create constraint trigger crash after update on tasks.person deferrable initially deferred
    for each row execute function tasks.crash()`);
  await change("crash1", { status: "inactive" });
  const consumer = app.app.services.get("tasks")?.parts.get("consumer:on-user-changed");
  assert(consumer);
  await assert.rejects(async () => {
    // The loops of the service try as well; whoever comes first, none of them gets through.
    for (let i = 0; i < 50; i++) await consumer();
  });
  assert.ok((await openTasks()).every((task) => task.assigneeId === app.people["crash1"]));
  await app.owner("drop trigger crash on tasks.person");
  await app.settle();
  assert.ok((await openTasks()).every((task) => task.assigneeId === app.people["crash2"]));
  assert.equal((await said(app)).length, before + 2 * tasks.length);
  await finishAll();
  await change("crash2", { status: "inactive" });
  await app.settle();
});

test("more tasks than one transaction takes find a new popug all the same, each by one draw", async () => {
  const titles = Array.from({ length: 4_500 }, (_, i) => `Waiting ${i}`);
  assert.equal((await app.as("manager").post("/tasks/import", { titles })).body.created, 4_500);
  const before = (await said(app)).length;
  await joins("busy");
  assert.ok((await openTasks()).every((task) => task.assigneeId === app.people["busy"]));
  assert.equal((await said(app)).length, before + 2 * 4_500);
  await joins("helper");
  await change("busy", { status: "inactive" });
  assert.equal((await said(app)).length, before + 4 * 4_500);
  assert.ok((await openTasks()).every((task) => task.assigneeId === app.people["helper"]));
});
