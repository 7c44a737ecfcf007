import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { assertAllClosed, assertClosedIsExact } from "../campaigns/books-proof.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { assertClosed, officeOf, type Office, type Task } from "./office.ts";

let app: TestApp;
let office: Office;
before(async () => {
  // Everything moves by itself, as it does for people.
  app = await startTestApp();
  office = officeOf(app);
});
after(() => app?.stop());

/** In the order in which it happened: that of the log, in which all of a task stands in one partition. */
const kindsOf = async (task: Task) =>
  (await office.entries(""))
    .filter(({ taskId }) => taskId === task.id)
    .map(({ kind, entryId }) => ({ kind, position: Number(entryId.split("-").at(-2)) }))
    .sort((a, b) => a.position - b.position)
    .map(({ kind }) => kind);

test("done twice pays once, and the second press is told so", async () => {
  const task = await office.create("Sweep the perch");
  assert.equal((await office.done(task)).status, 200);
  const again = await office.done(task);
  assert.deepEqual([again.status, again.body.code], [409, "task-already-done"]);
  await app.settle();
  assert.deepEqual(await kindsOf(task), ["fee", "reward"]);
});

test("done pressed twenty times at the same moment pays once", async () => {
  const task = await office.create("Sweep the perch");
  const answers = await Promise.all(Array.from({ length: 20 }, () => office.done(task)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array.from({ length: 19 }, () => 409)]);
  await app.settle();
  assert.deepEqual(await kindsOf(task), ["fee", "reward"]);
});

test("done sent twenty times with the same Idempotency-Key pays once, and every sender reads the same answer", async () => {
  const task = await office.create("Sweep the perch");
  const login = office.loginOf(task.assigneeId) as string;
  const headers = { "idempotency-key": randomUUID() };
  const press = () => app.as(login).post(`/tasks/${task.id}/complete`, {}, headers);
  const answers = await Promise.all(Array.from({ length: 20 }, press));
  answers.push(await press());
  for (const { status, body } of answers) {
    assert.deepEqual([status, body.status], [200, "done"]);
    assert.deepEqual(body, answers[0]?.body);
  }
  await app.settle();
  assert.deepEqual(await kindsOf(task), ["fee", "reward"]);
});

test("done, reopened, done again: one fee, and one reward in the end", async () => {
  const task = await office.create("Sweep the perch");
  const login = office.loginOf(task.assigneeId) as string;
  await office.done(task);
  assert.equal((await app.as(login).post(`/tasks/${task.id}/reopen`)).status, 200);
  await office.done(task);
  await app.settle();
  assert.deepEqual(await kindsOf(task), ["fee", "reward", "reward-reversal", "reward"]);
  const amounts = (await office.entries("")).filter(({ taskId }) => taskId === task.id).map((e) => e.amountMinor);
  assert.equal(amounts[1], -(amounts[2] as number));
  assert.equal(amounts[1], amounts[3]);
});

test("done and reopened over and over from two sides at once: rewards and reversals take turns", async () => {
  const task = await office.create("Sweep the perch");
  const login = office.loginOf(task.assigneeId) as string;
  await Promise.all(
    Array.from({ length: 30 }, (_, i) =>
      i % 2 === 0 ? app.as(login).post(`/tasks/${task.id}/complete`) : app.as("admin").post(`/tasks/${task.id}/reopen`),
    ),
  );
  await app.settle();
  const [fee, ...others] = await kindsOf(task);
  assert.equal(fee, "fee");
  others.forEach((kind, i) => assert.equal(kind, i % 2 === 0 ? "reward" : "reward-reversal"));
  assert.equal((await office.task(task.id)).status, others.length % 2 === 1 ? "done" : "in_progress");
});

test("what is done in a closed period stays done, and its books are right", async () => {
  const task = await office.create("Sweep the perch");
  await office.done(task);
  await app.settle();
  assertClosed(await office.closeNow());
  const login = office.loginOf(task.assigneeId) as string;
  const late = await app.as(login).post(`/tasks/${task.id}/reopen`);
  assert.equal(late.status, 409, JSON.stringify(late.body));
  await assertAllClosed(app.owner, "journey");
  await assertClosedIsExact(app.owner, 1, "journey");
});
