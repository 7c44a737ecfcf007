import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../../kit/app.ts";

const DAY_MS = 24 * 3_600_000;
type Line = { userId: string; name: string; balanceMinor: number; earnedTodayMinor: number; earnedByDay: number[] } & {
  lastPayoutMinor: number | null;
};
let app: TestApp;
before(async () => {
  app = await startTestApp({ loops: false });
  await createTasks(9);
});
after(() => app?.stop());

const get = async (login: string, path: string) => {
  const answer = await app.as(login).get(path);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
};

async function createTasks(count: number) {
  for (let i = 0; i < count; i++) {
    const answer = await app.as("manager").post("/tasks", { title: `Clean perch ${i}` });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
  }
  await app.settle();
}

async function finishSome(login: string, count: number) {
  const { items } = await get(login, "/my/tasks");
  for (const task of items.slice(0, count)) {
    assert.equal((await app.as(login).post(`/tasks/${task.id}/complete`)).status, 200);
  }
  await app.settle();
}

/** The audit log of a popug, oldest first: each balance is the one before it plus the line's amount. */
async function assertRunning(userId: string, from: number): Promise<number> {
  const { items } = await get("accountant", `/entries?userId=${userId}&balances=true&limit=500`);
  let balance = from;
  for (const entry of items.toReversed()) {
    balance += entry.amountMinor;
    assert.equal(entry.balanceMinor, balance, JSON.stringify(entry));
  }
  return balance;
}

test("the balance after each line adds up to the balance of the account, over closes too", async () => {
  await finishSome("worker1", 1);
  const workers = ["worker1", "worker2", "worker3"].map((login) => app.people[login] as string);
  for (const userId of workers) {
    const { balanceMinor } = await get("accountant", `/accounts/${userId}`);
    assert.equal(await assertRunning(userId, 0), balanceMinor);
  }
  assert.equal((await app.as("accountant").post("/periods/1/close")).status, 202);
  await app.settle();
  await createTasks(6);
  await finishSome("worker2", 2);
  for (const userId of workers) {
    const { balanceMinor } = await get("accountant", `/accounts/${userId}`);
    assert.equal(await assertRunning(userId, 0), balanceMinor, "payouts are lines, too");
    const page = await get("accountant", `/entries?userId=${userId}&balances=true&limit=2`);
    // Whom no draw has met has no line, and nothing.
    assert.equal(page.items[0]?.balanceMinor ?? 0, balanceMinor, "the newest line ends at the balance");
  }
  const plain = await get("worker1", "/entries");
  assert(plain.items.every((entry: object) => !("balanceMinor" in entry)));
});

test("the standing is the sum of the accounts", async () => {
  const standing = await get("accountant", "/standing");
  const { items } = (await get("accountant", "/account-lines?limit=500")) as { items: Line[] };
  const sum = (lines: Line[]) => lines.reduce((total, line) => total + line.balanceMinor, 0);
  const above = items.filter((line) => line.balanceMinor > 0);
  const below = items.filter((line) => line.balanceMinor < 0);
  assert.deepEqual(
    [standing.payableMinor, standing.payableCount, standing.owedMinor, standing.negativeCount],
    [sum(above), above.length, sum(below), below.length],
  );
  assert.equal(standing.accountCount, items.length, "also those without any movement");
  const { day } = await get("accountant", "/totals");
  const { items: entries } = await get("accountant", `/entries?day=${day}&limit=500`);
  assert.equal(standing.entryCount, entries.length);
});

test("accounts come in the order that is asked for, page by page, and only those below zero if wanted", async () => {
  const { items } = (await get("admin", "/account-lines?sort=balance")) as { items: Line[] };
  assert.deepEqual(
    items.map((line) => line.balanceMinor),
    items.map((line) => line.balanceMinor).toSorted((a, b) => a - b),
  );
  const first = await get("admin", "/account-lines?sort=-balance&limit=2");
  const second = await get("admin", `/account-lines?sort=-balance&limit=2&cursor=${first.nextCursor}`);
  assert.deepEqual(
    [...first.items, ...second.items].map((line: Line) => line.balanceMinor),
    items
      .map((line) => line.balanceMinor)
      .toSorted((a, b) => b - a)
      .slice(0, 4),
  );
  const negative = (await get("admin", "/account-lines?negative=true")).items as Line[];
  assert.deepEqual(
    new Set(negative.map((line) => line.userId)),
    new Set(items.filter((line) => line.balanceMinor < 0).map((line) => line.userId)),
  );
  const found = (await get("admin", "/account-lines?q=WORKER2")).items as Line[];
  assert.deepEqual(
    found.map((line) => line.userId),
    [app.people["worker2"]],
  );
  for (const line of items) {
    const account = await get("admin", `/accounts/${line.userId}`);
    assert.deepEqual([line.balanceMinor, line.earnedTodayMinor], [account.balanceMinor, account.earnedTodayMinor]);
    assert.equal(line.earnedByDay.at(-1), line.earnedTodayMinor);
  }
  const answer = await app.as("admin").get(`/account-lines?cursor=${Buffer.from("[-1]").toString("base64url")}`);
  assert.deepEqual([answer.status, answer.body.code], [400, "bad-cursor"]);
});

test("today by this hour is compared with the day before by the same hour", async () => {
  const totals = await get("accountant", "/totals");
  const today = await get("accountant", "/totals/by-this-hour");
  assert.deepEqual([today.day, today.earnedMinor], [totals.day, totals.earnedMinor]);
  await app.moveClock(DAY_MS);
  await app.settle();
  const next = await get("accountant", "/totals/by-this-hour");
  assert.equal(next.dayBefore, totals.day);
  assert.equal(next.earnedBeforeMinor, totals.earnedMinor);
  assert.equal(next.earnedMinor, 0);
});

test("only accountants and admins see all of that", async () => {
  for (const path of ["/standing", "/account-lines", "/totals/by-this-hour"]) {
    for (const login of ["worker1", "manager"]) assert.equal((await app.as(login).get(path)).status, 403, path);
  }
});
