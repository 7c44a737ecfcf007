import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { bystander, holder, newTask, said, saidOf, words } from "./log.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp();
});
after(() => app.stop());

const unknown = "0198c0de-0000-7000-8000-000000000001";

test("whoever is signed in creates a task, and it goes at once to somebody who is neither manager nor admin", async () => {
  for (const login of ["admin", "manager", "accountant", "worker1"]) {
    const answer = await app.as(login).post("/tasks", { title: "[POPUG-42] - Fix the cage", description: "soon" });
    assert.equal(answer.status, 201);
    const task = answer.body;
    assert.equal(task.title, "Fix the cage");
    assert.equal(task.jiraId, "POPUG-42");
    assert.equal(task.status, "in_progress");
    assert.equal(task.createdBy, app.people[login]);
    assert.match(holder(app, task), /^(worker\d|accountant)$/);
    assert.equal(task.assigneeName, `${holder(app, task)} Popug`);
  }
});

test("a new task is told in order: created (v2), assigned, updated, all of one period", async () => {
  const task = await newTask(app, "[ABC-1] Order");
  const events = await saidOf(app, task.id);
  assert.deepEqual(words(events), ["task.created", "task.assigned", "task.updated:assigned"]);
  assert.deepEqual(
    events.map((event) => event.version),
    [2, 1, 2],
  );
  assert.deepEqual(new Set(events.map((event) => event.period)), new Set([1]));
  assert.deepEqual(events[0]?.data, {
    taskId: task.id,
    number: task.number,
    title: "Order",
    jiraId: "ABC-1",
    description: "",
    status: "in_progress",
  });
  assert.equal(events[1]?.data.previousAssigneeId, null);
  assert.equal(events[2]?.data.assigneeId, task.assigneeId);
});

test("a command repeated with its Idempotency-Key makes one task", async () => {
  const key = { "idempotency-key": "once" };
  const first = await app.as("manager").post("/tasks", { title: "Once" }, key);
  const second = await app.as("manager").post("/tasks", { title: "Once" }, key);
  assert.equal(second.body.id, first.body.id);
});

test("a task without a title is refused, and says why", async () => {
  const bodies = [{}, { title: "" }, { title: "   " }, { title: "x".repeat(501) }, { title: "a\0b" }, { title: 5 }, []];
  for (const body of bodies) {
    const answer = await app.as("manager").post("/tasks", body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.ok(answer.body.errors.length > 0);
  }
});

test("without a sign-in nothing can be done or seen", async () => {
  const routes = ["POST /tasks", "POST /tasks/import", `PATCH /tasks/${unknown}`, `POST /tasks/${unknown}/complete`];
  routes.push(
    `POST /tasks/${unknown}/reopen`,
    "POST /shuffles",
    "GET /tasks",
    "GET /my/tasks",
    `GET /tasks/${unknown}`,
  );
  for (const route of routes) {
    const [method, path] = route.split(" ") as [string, string];
    assert.equal((await fetch(`${app.url}/api${path}`, { method })).status, 401, route);
  }
});

test("a task that is not there is not found, by whichever command", async () => {
  const admin = app.as("admin");
  for (const answer of [
    await admin.get(`/tasks/${unknown}`),
    await admin.patch(`/tasks/${unknown}`, { title: "x" }),
    await admin.post(`/tasks/${unknown}/complete`),
    await admin.post(`/tasks/${unknown}/reopen`),
  ]) {
    assert.deepEqual([answer.status, answer.body.code], [404, "task-not-found"]);
  }
  assert.equal((await admin.get("/tasks/42")).status, 400);
});

test("done by its assignee, once: a second done is refused and tells nothing", async () => {
  const task = await newTask(app, "Done once");
  const worker = app.as(holder(app, task));
  const done = await worker.post(`/tasks/${task.id}/complete`);
  assert.deepEqual([done.status, done.body.status, done.body.reopenable], [200, "done", true]);
  const again = await worker.post(`/tasks/${task.id}/complete`);
  assert.deepEqual([again.status, again.body.code], [409, "task-already-done"]);
  const events = (await saidOf(app, task.id)).slice(3);
  assert.deepEqual(words(events), ["task.done", "task.updated:done"]);
  assert.deepEqual([events[1]?.data.isDone, events[1]?.data.assigneeId], [true, task.assigneeId]);
});

test("many presses of done at the same moment are one done", async () => {
  const task = await newTask(app, "Pressed ten times");
  const worker = app.as(holder(app, task));
  const answers = await Promise.all(Array.from({ length: 10 }, () => worker.post(`/tasks/${task.id}/complete`)));
  assert.deepEqual(answers.map((answer) => answer.status).toSorted(), [200, ...Array.from({ length: 9 }, () => 409)]);
  assert.equal(words(await saidOf(app, task.id)).filter((word) => word === "task.done").length, 1);
});

test("nobody finishes the task of another, except an admin, whose press pays the assignee", async () => {
  const task = await newTask(app, "Not yours");
  for (const login of [bystander(app, task), "manager"]) {
    const answer = await app.as(login).post(`/tasks/${task.id}/complete`);
    assert.deepEqual([answer.status, answer.body.code], [403, "not-your-task"]);
  }
  assert.equal((await app.as("admin").post(`/tasks/${task.id}/complete`)).status, 200);
  assert.equal((await saidOf(app, task.id)).at(-1)?.data.assigneeId, task.assigneeId);
});

test("done, reopened, done again: the reward is taken back and paid again, and the task costs no second fee", async () => {
  const task = await newTask(app, "There and back");
  const worker = app.as(holder(app, task));
  await worker.post(`/tasks/${task.id}/complete`);
  const reopened = await worker.post(`/tasks/${task.id}/reopen`);
  assert.deepEqual(
    [reopened.status, reopened.body.status, reopened.body.assigneeId],
    [200, "in_progress", task.assigneeId],
  );
  assert.equal((await worker.post(`/tasks/${task.id}/reopen`)).body.code, "task-not-done");
  assert.equal((await worker.post(`/tasks/${task.id}/complete`)).status, 200);
  const events = (await saidOf(app, task.id)).slice(3);
  assert.deepEqual(words(events), [
    "task.done",
    "task.updated:done",
    "task.reopened",
    "task.updated:reopened",
    "task.done",
    "task.updated:done",
  ]);
  assert.deepEqual([events[3]?.data.isDone, events[3]?.data.assigneeId], [false, task.assigneeId]);
});

test("nobody reopens the task of another, except an admin", async () => {
  const task = await newTask(app, "Stay done");
  await app.as(holder(app, task)).post(`/tasks/${task.id}/complete`);
  const answer = await app.as(bystander(app, task)).post(`/tasks/${task.id}/reopen`);
  assert.deepEqual([answer.status, answer.body.code], [403, "not-your-task"]);
  assert.equal((await app.as("admin").post(`/tasks/${task.id}/reopen`)).status, 200);
});

test("texts are changed by author, assignee, manager and admin, and by nobody else", async () => {
  const task = await newTask(app, "[ABC-7] First", "accountant");
  for (const [i, login] of ["accountant", holder(app, task), "manager", "admin"].entries()) {
    const title = `Edit ${i}`;
    const answer = await app.as(login).patch(`/tasks/${task.id}`, { title, description: "more" });
    assert.deepEqual([answer.status, answer.body.title, answer.body.jiraId], [200, title, "ABC-7"]);
  }
  const refused = await app.as(bystander(app, task)).patch(`/tasks/${task.id}`, { title: "Mine" });
  assert.deepEqual([refused.status, refused.body.code], [403, "not-your-task"]);
  assert.equal((await app.as("admin").patch(`/tasks/${task.id}`, { title: " " })).status, 400);
  const events = (await saidOf(app, task.id)).slice(3);
  assert.equal(events.length, 4);
  assert.ok(events.every((event) => event.data.change === "edited" && event.data.isDone === false));
});

test("an edit that changes nothing tells nothing; nobody edits the assignee", async () => {
  const task = await newTask(app, "Same");
  const answer = await app.as("manager").patch(`/tasks/${task.id}`, { title: "Same", description: "" });
  assert.deepEqual([answer.status, answer.body.version], [200, 1]);
  assert.equal((await saidOf(app, task.id)).length, 3);
  const move = await app.as("manager").patch(`/tasks/${task.id}`, { assigneeId: app.people["worker1"] });
  assert.equal(move.status, 400);
  assert.equal((await app.as("manager").get(`/tasks/${task.id}`)).body.assigneeId, task.assigneeId);
});

test("finished tasks keep their title editable, and stay done", async () => {
  const task = await newTask(app, "Typo");
  await app.as(holder(app, task)).post(`/tasks/${task.id}/complete`);
  const answer = await app.as("manager").patch(`/tasks/${task.id}`, { title: "No typo" });
  assert.deepEqual([answer.status, answer.body.status], [200, "done"]);
  assert.equal((await saidOf(app, task.id)).at(-1)?.data.isDone, true);
});

test("only managers and admins shuffle", async () => {
  for (const login of ["worker1", "accountant"]) assert.equal((await app.as(login).post("/shuffles")).status, 403);
  assert.equal((await app.as("admin").get(`/shuffles/${unknown}`)).body.code, "shuffle-not-found");
});

test("every event of tasks carries its period and the person who pressed the button", async () => {
  for (const event of await said(app)) {
    assert.ok(Number.isInteger(event.period), event.type);
    assert.match(event.actor, /^(user:[0-9a-f-]{36}|system:[a-z-]+)$/);
  }
});
