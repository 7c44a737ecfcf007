import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { said } from "./log.ts";

const COUNT = 5_000;

let app: TestApp;
before(async () => {
  app = await startTestApp();
  const titles = Array.from({ length: COUNT }, (_, i) => `Task ${i}`);
  assert.equal((await app.as("manager").post("/tasks/import", { titles })).status, 200);
});
after(() => app.stop());

const press = async (login = "manager") => {
  const answer = await app.as(login).post("/shuffles");
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  return answer.body;
};
const progress = async (shuffleId: string) => (await app.as("worker1").get(`/shuffles/${shuffleId}`)).body;
const drawsOf = async (shuffleId: string) =>
  (await said(app)).filter((event) => event.type === "task.assigned" && event.data.shuffleId === shuffleId);

test("a shuffle draws every open task exactly once, and each draw is an assignment that is charged", async () => {
  const begun = await press();
  assert.deepEqual([begun.joined, begun.total, begun.startedBy], [false, COUNT, app.people["manager"]]);
  await app.settle();
  const finished = await progress(begun.shuffleId);
  assert.deepEqual([finished.status, finished.drawn, finished.total], ["finished", COUNT, COUNT]);
  assert.ok(finished.finishedAt >= finished.startedAt);

  const draws = await drawsOf(begun.shuffleId);
  assert.equal(new Set(draws.map((event) => event.data.taskId)).size, COUNT);
  assert.equal(draws.length, COUNT);
  assert.ok(
    draws.every((event) => event.data.reason === "shuffled" && event.actor === `user:${app.people["manager"]}`),
  );
  // Some draws hit the same popug again, most do not.
  const same = draws.filter((event) => event.data.assigneeId === event.data.previousAssigneeId).length;
  assert.ok(same > COUNT / 8 && same < COUNT / 2, `${same} of ${COUNT}`);
  const charges = (await said(app)).filter((event) => event.data.change === "assigned").length;
  assert.equal(charges, COUNT + COUNT);
});

test("a shuffle tells its beginning, its progress and its end, in this order", async () => {
  const { shuffleId } = await press("admin");
  const events = (await said(app)).filter((event) => event.data.shuffleId === shuffleId && /^shuffle/.test(event.type));
  const types = events.map((event) => event.type);
  const drawn = events.map((event) => event.data.drawn as number);
  assert.deepEqual(types.slice(0, 2), ["shuffle.started", "shuffle.progressed"]);
  assert.deepEqual(types.slice(1, -1), Array(types.length - 2).fill("shuffle.progressed"));
  assert.equal(types.at(-1), "shuffle.finished");
  assert.deepEqual([drawn[0], drawn.at(-1)], [0, COUNT]);
  assert.deepEqual(
    drawn,
    drawn.toSorted((a, b) => a - b),
  );
});

test("a second press joins the running shuffle; however many press, there is one", async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => press()));
  await app.settle();
  const begun = answers.filter((answer) => !answer.joined);
  const draws = await Promise.all(begun.map(async (answer) => (await drawsOf(answer.shuffleId)).length));
  assert.deepEqual(
    draws,
    begun.map(() => COUNT),
  );
  for (const { shuffleId } of answers) assert.ok(begun.some((answer) => answer.shuffleId === shuffleId));
});

test("tasks that are completed while a shuffle runs stay completed, with whoever finished them", async () => {
  const { items } = (await app.as("admin").get("/tasks?status=in_progress")).body as { items: { id: string }[] };
  const { shuffleId } = await press();
  const done = await Promise.all(items.map(({ id }) => app.as("admin").post(`/tasks/${id}/complete`)));
  assert.ok(done.every((answer) => answer.status === 200));
  await app.settle();
  const events = await said(app);
  for (const { body: task } of done) {
    const told = events.filter((event) => event.data.taskId === task.id);
    assert.deepEqual([told.at(-1)?.data.change, told.at(-1)?.data.assigneeId], ["done", task.assigneeId]);
    // The fee of its last draw went to whoever got the reward.
    const drawn = told.filter((event) => event.type === "task.assigned").at(-1);
    assert.equal(drawn?.data.assigneeId, task.assigneeId);
  }
  const { drawn } = await progress(shuffleId);
  assert.equal((await drawsOf(shuffleId)).length, drawn);
  assert.ok(drawn >= COUNT - items.length && drawn <= COUNT);
});

test("a shuffle that is interrupted goes on where it was, and draws no task twice", async () => {
  await app.owner(`create function tasks.crash() returns trigger language plpgsql as
    $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`);
  // The end of the connection at the commit of the second chunk.
  await app.owner(`create constraint trigger crash after update on tasks.shuffle deferrable initially deferred
    for each row when (old.drawn > 0) execute function tasks.crash()`);
  const { shuffleId, total } = await press();
  const job = app.app.services.get("tasks")?.parts.get("job:shuffle");
  assert(job);
  await assert.rejects(async () => {
    for (let i = 0; i < 50; i++) await job();
  });
  const { status, drawn } = await progress(shuffleId);
  assert.equal(status, "running");
  assert.ok(drawn > 0 && drawn < total, `${drawn} of ${total}`);
  await app.owner("drop trigger crash on tasks.shuffle");
  const draws = await drawsOf(shuffleId);
  assert.equal((await progress(shuffleId)).status, "finished");
  assert.equal(draws.length, total);
  assert.equal(new Set(draws.map((event) => event.data.taskId)).size, total);
});

test("a popug deactivated while a shuffle runs holds no open task afterwards", async () => {
  const { shuffleId } = await press();
  await app.as("admin").patch(`/users/${app.people["worker3"]}`, { status: "inactive" });
  await app.settle();
  assert.equal((await progress(shuffleId)).status, "finished");
  const held = await app.sql("tasks")("select 1 from task where status = 'in_progress' and assignee_id = $1", [
    app.people["worker3"],
  ]);
  assert.equal(held.length, 0);
});

test("a shuffle with nobody to draw ends at once, and with nothing to draw as well", async () => {
  for (const login of ["worker1", "worker2", "accountant"]) {
    await app.as("admin").patch(`/users/${app.people[login]}`, { status: "inactive" });
  }
  await app.settle();
  const { shuffleId, total } = await press("manager");
  await app.settle();
  const { body } = await app.as("manager").get(`/shuffles/${shuffleId}`);
  assert.deepEqual([body.status, body.drawn, body.total], ["finished", 0, total]);
});
