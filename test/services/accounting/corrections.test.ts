import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { entryPostedV1 } from "../../../src/contracts/accounting/entry.posted.v1.ts";
import { entryPostedV2 } from "../../../src/contracts/accounting/entry.posted.v2.ts";
import { castData } from "../../../src/platform/contract.ts";
import { verifyBooks } from "../../../src/services/accounting/verify.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp({
    settings: { secondPersonAbove: 20 },
    people: [
      { login: "manager", roles: ["manager"] },
      { login: "accountant", roles: ["accountant"] },
      { login: "second", roles: ["accountant", "manager"] },
      { login: "worker1", roles: ["worker"] },
    ],
  });
  for (const title of ["Fix the cage", "Feed the cat", "Count the seeds"]) {
    assert.equal((await app.as("manager").post("/tasks", { title })).status, 201);
  }
  await app.settle();
});
after(() => app?.stop());

type Entry = { entryId: string; kind: string; amountMinor: number; userId: string; period: number };
const entries = async (query = ""): Promise<Entry[]> => {
  const answer = await app.as("second").get(`/entries?${query}`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.items;
};
const correct = (login: string, entryId: string, amountMinor: number, reason = "wrong price") =>
  app.as(login).post(`/entries/${entryId}/corrections`, { amountMinor, reason });
/** A fee of somebody who is not the one who corrects. */
const aFee = async (): Promise<Entry> => {
  const found = (await entries("kind=fee")).find(
    (entry) => entry.entryId.includes("-tasks-") && !used.has(entry.entryId),
  );
  assert(found);
  used.add(found.entryId);
  return found;
};
const used = new Set<string>();
const otherThan = (userId: string) => (userId === app.people["accountant"] ? "second" : "accountant");
test("a fee that was wrong comes back and is charged anew: two lines in the open period, with the reason", async () => {
  const fee = await aFee();
  const by = otherThan(fee.userId);
  const before = (await app.as("second").get(`/accounts/${fee.userId}`)).body.balanceMinor;
  const answer = await correct(by, fee.entryId, 500);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  assert.deepEqual(
    [answer.body.status, answer.body.wasMinor, answer.body.becomesMinor],
    ["posted", -fee.amountMinor, 500],
  );
  await app.settle();
  const lines = (await entries(`userId=${fee.userId}`)).filter((entry) => entry.entryId.includes("-correction-"));
  assert.deepEqual(lines.map(({ kind, amountMinor }) => [kind, amountMinor]).toSorted(), [
    ["fee", -500],
    ["fee-reversal", -fee.amountMinor],
  ]);
  const account = (await app.as("second").get(`/accounts/${fee.userId}`)).body;
  assert.equal(account.balanceMinor, before - fee.amountMinor - 500);
});

test("an entry is corrected once; what was charged instead can be corrected, too", async () => {
  const fee = await aFee();
  const by = otherThan(fee.userId);
  assert.equal((await correct(by, fee.entryId, 600)).status, 201);
  const again = await correct(by, fee.entryId, 700);
  assert.deepEqual([again.status, again.body.code], [409, "already-corrected"]);
  const [anew] = (await entries("kind=fee")).filter((entry) => entry.amountMinor === -600);
  assert(anew);
  assert.equal((await correct(by, anew.entryId, 0)).status, 201);
  const back = (await entries("kind=fee-reversal")).find((entry) => entry.amountMinor === 600);
  assert(back);
  const reversal = await correct(by, back.entryId, 100);
  assert.deepEqual([reversal.status, reversal.body.code], [409, "not-correctable"]);
});

test("nobody corrects their own account, workers and managers none at all, and a reason is needed", async () => {
  const fee = await aFee();
  used.delete(fee.entryId);
  assert.equal((await correct("worker1", fee.entryId, 500)).status, 403);
  assert.equal((await correct("manager", fee.entryId, 500)).status, 403);
  const by = otherThan(fee.userId);
  assert.equal((await correct(by, fee.entryId, 500, "   ")).status, 400);
  const same = await correct(by, fee.entryId, -fee.amountMinor);
  assert.deepEqual([same.status, same.body.code], [409, "nothing-to-correct"]);
  const own = (await entries("kind=fee")).find((entry) => entry.userId === app.people["accountant"]);
  if (own !== undefined) assert.equal((await correct("accountant", own.entryId, 500)).body.code, "own-account");
});

test("above the limit a correction waits for a second person, who is somebody else", async () => {
  const fee = await aFee();
  const by = "second";
  const waiting = await correct(by, fee.entryId, 9_000);
  assert.deepEqual([waiting.status, waiting.body.status, waiting.body.needsSecond], [201, "waiting", true]);
  const path = `/corrections/${waiting.body.id}/approve`;
  assert.equal((await app.as(by).post(path)).body.code, "second-person-needed");
  const approver = fee.userId === app.people["accountant"] ? "admin" : "accountant";
  const approved = await app.as(approver).post(path);
  assert.deepEqual([approved.status, approved.body.status], [200, "posted"], JSON.stringify(approved.body));
  assert.equal(approved.body.approvedBy, app.people[approver]);
  assert.equal((await app.as("admin").post(path)).body.code, "already-corrected");
});

test("a report of a day never changes; as corrected it has the corrections as their own line", async () => {
  await app.as("second").post("/periods/1/close");
  await app.settle();
  const { day } = (await app.as("second").get("/totals")).body;
  const [closed] = (await app.as("second").get("/periods")).body.items.filter(
    (it: { number: number }) => it.number === 1,
  );
  assert.equal(closed.check.ok, true, JSON.stringify(closed.check));
  const report = async () => (await app.as("second").get(`/days/${day}/report`)).body;
  const before = await report();
  const done = (await app.as("second").get("/corrections")).body.items.map((it: { entryId: string }) => it.entryId);
  const fee = (await entries("kind=fee&period=1")).find(
    (it) => !done.includes(it.entryId) && it.amountMinor > -2_000 && it.entryId.includes("-correction-"),
  );
  assert(fee);
  const answer = await correct(fee.userId === app.people["second"] ? "admin" : "second", fee.entryId, 100);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  assert.equal(answer.body.effectiveDay, day);
  await app.settle();
  const changed = (await app.as("second").get("/periods/1")).body;
  assert.equal(answer.body.status, "posted");
  assert.deepEqual(changed.totals, closed.totals);
  assert.equal(changed.seal, closed.seal);
  const after = await report();
  assert.equal(after.corrections.count, before.corrections.count + 1);
  assert.equal(
    after.asCorrected.earnedMinor - before.asCorrected.earnedMinor,
    after.asReported.earnedMinor - before.asReported.earnedMinor,
  );
});

test("verify computes the corrections a second time, and the seal covers them", async () => {
  await app.as("second").post("/periods/2/close");
  await app.settle();
  const verdict = await verifyBooks(app.sql("accounting"));
  assert.deepEqual(verdict.findings, []);
  const [blocks] = await app.owner<{ n: number }>(
    "select count(*) as n from accounting.block_head where source = 'correction'",
  );
  assert((blocks?.n ?? 0) >= 2);
});

test("a reader of version 1 gets a fee with the opposite sign for a fee that came back", () => {
  const line = {
    ...{ entryId: "1-correction-0-1-1-0", userId: app.people["worker1"] as string, kind: "fee-reversal" as const },
    ...{ amountMinor: 1_000, taskId: null, title: null, jiraId: null, occurredAt: "2026-11-22T10:00:00.000Z" },
    correction: { corrects: "1-tasks-1-1-1-0", effectiveDay: "2026-11-22", reason: "wrong" },
  };
  const data = { period: 1, businessDate: "2026-11-22", currency: "USD", entries: [line] };
  assert.equal(entryPostedV2.writeProblem(data), null);
  const lowered = castData(entryPostedV2, entryPostedV1, data) as typeof data;
  assert.equal(entryPostedV1.writeProblem(lowered), null);
  assert.deepEqual([lowered.entries[0]?.kind, lowered.entries[0]?.amountMinor], ["fee", 1_000]);
});
