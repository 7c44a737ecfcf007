import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { verifyBooks } from "../../src/services/accounting/verify.ts";
import { assertAllClosed } from "../campaigns/books-proof.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp({
    settings: { secondPersonAbove: 5 },
    people: [
      { login: "manager", roles: ["manager"] },
      { login: "accountant", roles: ["accountant", "manager"] },
      { login: "worker1", roles: ["worker"] },
      { login: "worker2", roles: ["worker"] },
    ],
  });
});
after(() => app?.stop());

type Entry = { entryId: string; kind: string; amountMinor: number; reverses?: string; userId: string };
const create = async () => {
  const { body } = await app.as("manager").post("/tasks", { title: "Fix the cage" });
  await app.settle();
  return body as { id: string; assigneeId: string };
};
const cancel = async (taskId: string) => {
  const answer = await app.as("manager").post(`/tasks/${taskId}/cancel`, { reason: "there is no cage" });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  await app.settle();
};
const entriesOf = async (taskId: string): Promise<Entry[]> =>
  (await app.as("accountant").get("/entries?limit=500")).body.items.filter(
    (it: { taskId: string }) => it.taskId === taskId,
  );
const today = async () => (await app.as("admin").get("/analytics")).body;
const balanceOf = async (userId: string) =>
  (await app.as("accountant").get(`/accounts/${userId}`)).body.balanceMinor as number;
const correct = (entryId: string, amountMinor: number) =>
  app.as("accountant").post(`/entries/${entryId}/corrections`, { amountMinor, reason: "wrong price" });

test("a cancelled task costs its assignee nothing, the company earns nothing by it, and the line explains itself", async () => {
  const first = await create();
  const [before, balance] = [await today(), await balanceOf(first.assigneeId)];
  await cancel(first.id);
  const [back, fee] = await entriesOf(first.id);
  assert.deepEqual(
    [back?.kind, back?.amountMinor, back?.reverses],
    ["fee-reversal", -(fee?.amountMinor ?? 0), fee?.entryId],
  );
  assert.equal(await balanceOf(first.assigneeId), balance - (fee?.amountMinor ?? 0));
  const now = await today();
  assert.equal(now.earnedMinor, before.earnedMinor + (fee?.amountMinor ?? 0));
  const { body } = await app.as("accountant").get(`/entries/${back?.entryId}/explain`);
  assert.equal(body.event.data.cancellation.reason, "there is no cage");
  assert.deepEqual([body.command, body.person.login], ["task.update", "manager"]);
});

test("a fee that was corrected comes back as it was corrected; one that came back is not corrected any more", async () => {
  const task = await create();
  const start = await balanceOf(task.assigneeId);
  const [fee] = await entriesOf(task.id);
  assert(fee);
  const cheap = await correct(fee.entryId, -fee.amountMinor - 300);
  assert.equal(cheap.body.status, "posted", JSON.stringify(cheap.body));
  const other = await create();
  const [dear] = await entriesOf(other.id);
  assert(dear);
  const waiting = await correct(dear.entryId, -dear.amountMinor + 900);
  assert.equal(waiting.body.status, "waiting");
  await cancel(task.id);
  await cancel(other.id);
  const lines = await entriesOf(task.id);
  assert.equal(
    lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    0,
  );
  assert.match(lines.find(({ reverses }) => reverses !== undefined)?.reverses ?? "", /-correction-/);
  if (other.assigneeId !== task.assigneeId) assert.equal(await balanceOf(task.assigneeId), start - fee.amountMinor);
  const late = await correct(dear.entryId, 100);
  assert.deepEqual([late.status, late.body.code], [409, "fee-returned"]);
  const approved = await app.as("admin").post(`/corrections/${waiting.body.id}/approve`);
  assert.deepEqual([approved.status, approved.body.code], [409, "fee-returned"]);
});

test("a correction and a cancellation at the same moment take the fee back once", async () => {
  for (let round = 0; round < 5; round++) {
    const task = await create();
    const [fee] = await entriesOf(task.id);
    assert(fee);
    await Promise.all([cancel(task.id), correct(fee.entryId, 100 - fee.amountMinor)]);
    await app.settle();
    assert.equal(
      (await entriesOf(task.id)).reduce((sum, { amountMinor }) => sum + amountMinor, 0),
      0,
    );
  }
});

test("the day closes, and every recomputation agrees", async () => {
  const charged = await create();
  await app.as("accountant").post("/periods/1/close");
  await app.settle();
  await cancel(charged.id);
  await app.as("accountant").post("/periods/2/close");
  await app.settle();
  await assertAllClosed(app.owner, "after cancellations");
  assert.deepEqual((await verifyBooks(app.sql("accounting"))).findings, []);
  const { body } = await app.as("admin").get("/analytics");
  assert.deepEqual(body.findings, []);
});
