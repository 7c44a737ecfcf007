import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../../kit/app.ts";

let app: TestApp;
const taskIds: string[] = [];
before(async () => {
  app = await startTestApp({
    people: [
      { login: "manager", roles: ["manager"] },
      // Also a manager, so that all tasks are drawn for the one worker.
      { login: "accountant", roles: ["accountant", "manager"] },
      { login: "worker1", roles: ["worker"] },
    ],
  });
  for (const title of ["[POPUG-7] Fix the cage", "Feed the cat", "Count the seeds"]) {
    const answer = await app.as("manager").post("/tasks", { title });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    taskIds.push(answer.body.id);
  }
  await app.settle();
});
after(() => app?.stop());

const get = async (login: string, path: string) => {
  const answer = await app.as(login).get(path);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
};
const refused = async (login: string, path: string) => {
  const { status, body } = await app.as(login).get(path);
  return [status, body.code];
};

test("a worker sees their own account: what was charged, and what is earned today", async () => {
  const account = await get("worker1", "/my/account");
  assert.equal(account.userId, app.people["worker1"]);
  assert(account.debitsMinor >= 3_000 && account.debitsMinor <= 6_000);
  assert.deepEqual([account.creditsMinor, account.openingMinor, account.currency], [0, 0, "USD"]);
  assert.equal(account.balanceMinor, -account.debitsMinor);
  assert.equal(account.earnedTodayMinor, account.balanceMinor);
  assert.deepEqual(await get("worker1", `/accounts/${app.people["worker1"]}`), account);
  assert.equal((await get("accountant", "/my/account")).balanceMinor, 0);
});

test("the books of others are for accountants and admins", async () => {
  const other = app.people["accountant"];
  assert.deepEqual(await refused("worker1", `/accounts/${other}`), [403, "not-your-account"]);
  assert.deepEqual(await refused("worker1", `/entries?userId=${other}`), [403, "not-your-account"]);
  for (const path of ["/accounts", "/totals", "/days", "/periods", "/periods/1"]) {
    for (const login of ["worker1", "manager"]) assert.equal((await refused(login, path))[0], 403, `${login} ${path}`);
    for (const login of ["accountant", "admin"]) await get(login, path);
  }
  assert.equal((await app.as("worker1").post("/periods/1/close")).status, 403);
});

test("an accountant's token that was made for their own account does not show the books of others", async () => {
  const made = await app.as("accountant").post("/my/tokens", { name: "my balance", scopes: ["account"], days: 1 });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  await app.settle();
  const call = async (path: string) => {
    const answer = await fetch(`${app.url}/api${path}`, { headers: { authorization: `Bearer ${made.body.token}` } });
    return { status: answer.status, body: (await answer.json()) as { code?: string; items?: unknown[] } };
  };
  const worker = app.people["worker1"];
  assert.equal((await call("/my/account")).status, 200);
  assert.equal((await call(`/accounts/${app.people["accountant"]}`)).status, 200);
  assert.deepEqual((await call("/entries")).body.items, []);
  for (const path of [`/accounts/${worker}`, `/entries?userId=${worker}`]) {
    assert.equal((await call(path)).body.code, "not-your-account", path);
  }
  assert.equal((await call("/accounts")).body.code, "scope-missing");
  const { items } = await get("accountant", "/entries");
  assert.equal((await call(`/entries/${items[0].entryId}/explain`)).body.code, "entry-not-found");
});

test("accounts are listed by name, in pages", async () => {
  const first = await get("accountant", "/accounts?limit=3");
  const second = await get("accountant", `/accounts?limit=3&cursor=${first.nextCursor}`);
  const names = [...first.items, ...second.items].map((account: { name: string }) => account.name);
  assert.deepEqual(names, ["accountant Popug", "admin Popug", "manager Popug", "worker1 Popug"]);
  assert.equal(second.nextCursor, null);
});

test("the audit log shows every charge with the task's title and its id in the issue tracker, newest first, in pages", async () => {
  const all = await get("worker1", "/entries");
  assert.deepEqual(
    all.items.map((e: { title: string; jiraId: string; kind: string }) => [e.kind, e.jiraId, e.title]).toSorted(),
    [
      ["fee", "POPUG-7", "Fix the cage"],
      ["fee", null, "Count the seeds"],
      ["fee", null, "Feed the cat"],
    ].toSorted(),
  );
  const paged = [];
  for (let cursor = ""; cursor !== null; ) {
    const page: { items: { entryId: string }[]; nextCursor: string } = await get(
      "accountant",
      `/entries?limit=1${cursor && `&cursor=${cursor}`}`,
    );
    paged.push(...page.items.map((entry) => entry.entryId));
    cursor = page.nextCursor;
  }
  assert.deepEqual(
    paged,
    all.items.map((entry: { entryId: string }) => entry.entryId),
  );
  const times = all.items.map((entry: { occurredAt: string }) => entry.occurredAt);
  assert.deepEqual(times, times.toSorted().toReversed());
});

test("the audit log can be narrowed to a person, a day, a period and a kind", async () => {
  const count = async (query: string) => (await get("accountant", `/entries?${query}`)).items.length;
  const { day } = await get("accountant", "/totals");
  assert.equal(await count(`userId=${app.people["worker1"]}`), 3);
  assert.equal(await count(`userId=${app.people["accountant"]}`), 0);
  assert.equal(await count(`day=${day}&period=1&kind=fee`), 3);
  assert.equal(await count("kind=payout"), 0);
  assert.equal(await count("day=2001-01-01"), 0);
  assert.equal((await refused("accountant", "/entries?day=2026-02-31"))[0], 400);
  assert.equal((await refused("accountant", "/entries?cursor=nonsense"))[0], 400);
});

test("today's income is fees − rewards, and popugs below zero are counted", async () => {
  const { feesMinor, rewardsMinor, earnedMinor, negativeCount, totalMinor, period, closed } = await get(
    "accountant",
    "/totals",
  );
  assert.deepEqual([rewardsMinor, negativeCount, period, closed], [0, 1, 1, false]);
  assert.deepEqual([earnedMinor, totalMinor], [feesMinor, -feesMinor]);
  assert.deepEqual(await refused("accountant", "/totals?day=2001-01-01"), [404, "day-not-found"]);
});

test("a line of the books leads back to its event, the command and the person who gave it", async () => {
  const { items } = await get("worker1", "/entries?kind=fee");
  const why = await get("worker1", `/entries/${items[0].entryId}/explain`);
  assert.equal(why.entry.entryId, items[0].entryId);
  assert.deepEqual([why.posting.debit.account, why.posting.credit.account], ["popug", "fee-income"]);
  assert.equal(why.event.type, "task.updated");
  assert.equal(why.event.id, why.posting.eventId);
  assert.equal(why.command, "task.create");
  assert.equal(why.person.userId, app.people["manager"]);
  assert.equal(why.person.login, "manager");
  assert.deepEqual(await refused("worker1", "/entries/1-tasks-1-1-999999-0/explain"), [404, "entry-not-found"]);
  assert.equal((await app.as("accountant").get(`/entries/${items[0].entryId}/explain`)).status, 200);
  assert.deepEqual(await refused("manager", `/entries/${items[0].entryId}/explain`), [404, "entry-not-found"]);
});

test("a line that was booked from a dead letter mended by hand shows what was booked, by whom, and what had come", async () => {
  const { items } = await get("worker1", "/entries?kind=fee&limit=1");
  const path = `/entries/${items[0].entryId}/explain`;
  const { event, edited } = await get("worker1", path);
  assert.equal(edited, null);
  const [epoch, partition, position] = items[0].entryId.split("-").slice(2, 5).map(Number);
  await app.owner(
    `insert into accounting.dead_letter (id, consumer, source, partition, position, epoch, key, type, event_id, status, reason,
                                         event, edited, edited_by)
     values (gen_random_uuid(), 'on-task', 'tasks', $1, $2, $3, 'x', 'task.updated', $4, 'redriven', 'was wrong', '{}', $5, 'user:x')`,
    [partition, position, epoch, event.id, JSON.stringify({ ...event.data, title: "Mended" })],
  );
  const mended = await get("worker1", path);
  await app.owner("delete from accounting.dead_letter where reason = 'was wrong'");
  assert.deepEqual(mended.edited, { by: "user:x", original: event.data });
  assert.equal(mended.event.data.title, "Mended");
});

test("an accountant closes the open period now: rewards are paid out, the rest of the day is a second period", async () => {
  for (const id of taskIds) assert.equal((await app.as("worker1").post(`/tasks/${id}/complete`)).status, 200);
  await app.settle();
  const before = await get("worker1", "/my/account");
  const answer = await app.as("accountant").post("/periods/1/close");
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  assert.equal(answer.body.number, 1);
  await app.settle();

  const closed = await get("accountant", "/periods/1");
  assert.deepEqual([closed.status, closed.waitingFor, closed.check.ok], ["closed", [], true]);
  assert.match(closed.seal, /^[0-9a-f]{64}$/);
  const paid = Math.max(before.balanceMinor, 0);
  assert.deepEqual([closed.totals.paidOutMinor, closed.totals.earnedMinor], [paid, -before.balanceMinor]);
  const next = await get("accountant", "/periods/2");
  assert.deepEqual([next.status, next.label, next.seal, next.totals], ["open", `${closed.label}/2`, null, null]);
  assert.equal(next.opening.openingsMinor, closed.totals.carriedMinor);
  const list = await get("accountant", "/periods?limit=1");
  assert.equal(list.items[0].number, 2);
  assert.equal((await get("accountant", `/periods?limit=1&cursor=${list.nextCursor}`)).items[0].number, 1);

  const account = await get("worker1", "/my/account");
  assert.equal(account.balanceMinor, Math.min(before.balanceMinor, 0));
  assert.equal(account.earnedTodayMinor, before.balanceMinor);
  const days = await get("accountant", "/days");
  assert.deepEqual(
    [days.items.length, days.items[0].periods, days.items[0].earnedMinor],
    [1, [1, 2], -before.balanceMinor],
  );
});

test("a payout leads back to the end of the period and to the person who asked for it", async () => {
  const { items } = await get("worker1", "/entries?kind=payout");
  const account = await get("accountant", "/periods/1");
  assert.equal(items.length, account.totals.payoutCount);
  for (const payout of items) {
    assert(payout.amountMinor < 0);
    const why = await get("worker1", `/entries/${payout.entryId}/explain`);
    assert.equal(why.event.type, "task.registration-ended");
    assert.deepEqual(
      why.causes.map((event: { type: string }) => event.type),
      ["billing.close-requested"],
    );
    assert.equal(why.command, "billing.close");
    assert.equal(why.person.login, "accountant");
  }
});

test("a period that is closing or closed cannot be closed again, and one that is not there not at all", async () => {
  const again = await app.as("accountant").post("/periods/1/close");
  assert.deepEqual([again.status, again.body.code], [409, "period-not-open"]);
  const unknown = await app.as("accountant").post("/periods/99/close");
  assert.deepEqual([unknown.status, unknown.body.code], [404, "period-not-found"]);
});
