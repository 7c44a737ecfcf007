import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestApp, type TestApp } from "../../kit/app.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp({ loops: false });
});
after(async () => await app.stop());

const get = async (login: string, path: string) => {
  const answer = await app.as(login).get(path);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
};

test("a day that is closed early: analytics and mails say what the books say", async () => {
  for (let i = 0; i < 12; i++) {
    const created = await app.as("worker1").post("/tasks", { title: `[POP-${i}] - Clean perch ${i}`, description: "" });
    assert.equal(created.status, 201, JSON.stringify(created.body));
  }
  await app.settle();
  for (const login of ["worker1", "worker2", "worker3"]) {
    const { items } = await get(login, "/my/tasks");
    for (const task of items.slice(0, 2)) {
      assert.equal((await app.as(login).post(`/tasks/${task.id}/complete`)).status, 200);
    }
  }
  await app.settle();
  const totals = await get("admin", "/totals");
  const now = await get("admin", "/analytics");
  assert.equal(now.earnedMinor, totals.earnedMinor);
  assert.equal(now.negativeCount, totals.negativeCount);
  assert.equal(now.final, false);

  const open = (await get("accountant", "/periods")).items.find(
    (period: { status: string }) => period.status === "open",
  );
  const closing = await app.as("accountant").post(`/periods/${open.number}/close`);
  assert(closing.status < 300, JSON.stringify(closing.body));
  await app.settle();

  const period = await get("accountant", `/periods/${open.number}`);
  assert.equal(period.status, "closed", JSON.stringify(period));
  const { items } = await get("admin", "/mails?limit=500");
  assert(items.length > 0);
  assert(
    items.every((mail: { status: string }) => mail.status === "sent"),
    JSON.stringify(items),
  );
  for (const login of ["worker1", "worker2", "worker3"]) {
    const own = await get(login, "/my/mails?kind=payslip");
    // Whom every draw has passed by has no line in the books, and nothing to be told.
    const lines = (await get("accountant", `/entries?limit=1&userId=${app.people[login]}`)).items;
    assert.equal(own.items.length, lines.length, `${login}: one payslip`);
  }
  const report = items.find((mail: { kind: string }) => mail.kind === "report");
  const { text } = await get("admin", `/mails/${report.mailId}`);
  const top = (await get("admin", "/analytics/top-task")).task;
  assert(text.includes(top.title) && text.includes(top.jiraId), text);
  const day = await get("admin", `/analytics?day=${now.day}`);
  assert.deepEqual([day.findings, day.earnedMinor], [[], totals.earnedMinor]);
});

test("who chose so is mailed of what the draw gave them, and not of what they finished or lost before the mail went out", async () => {
  assert.equal((await app.as("worker1").patch("/my/mail-choices", { assignments: true })).status, 200);
  for (let n = 0; n < 12; n++) {
    const created = await app.as("manager").post("/tasks", { title: `[AVI-${n}] - Paint perch ${n}` });
    assert.equal(created.status, 201, JSON.stringify(created.body));
  }
  assert.equal((await app.as("manager").post("/shuffles")).status, 202);
  await app.settle();
  const mine = async () => (await get("worker1", "/my/tasks?status=in_progress&limit=500")).items;
  const [first] = await mine();
  if (first !== undefined) assert.equal((await app.as("worker1").post(`/tasks/${first.id}/complete`)).status, 200);
  await app.settle();
  await app.owner(
    "update notifications.mail set next_attempt_at = now() where kind = 'assignments' and status = 'queued'",
  );
  await app.settle();
  const left: { title: string; jiraId: string }[] = await mine();
  const sent = (await get("admin", "/mails?kind=assignments")).items;
  // Whom every draw has passed by has nothing to read.
  assert.equal(sent.length, left.length === 0 ? 0 : 1);
  if (left.length === 0) return;
  assert.deepEqual([sent[0].userId, sent[0].status], [app.people["worker1"], "sent"]);
  const { text } = await get("admin", `/mails/${sent[0].mailId}`);
  assert.match(text, new RegExp(`^${left.length} tasks?$`, "m"));
  const named = left.filter(({ title, jiraId }) => text.includes(`${jiraId} · ${title}`));
  assert.equal(named.length, Math.min(left.length, 10));
});
