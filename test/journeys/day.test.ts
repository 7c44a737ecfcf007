import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertAllClosed, assertClosedIsExact } from "../campaigns/books-proof.ts";
import { startTestApp, type TestApp } from "../kit/app.ts";
import { assertClosed, officeOf, type Office, sum } from "./office.ts";

let app: TestApp;
let office: Office;
before(async () => {
  app = await startTestApp({
    loops: false,
    people: [
      { login: "manager", roles: ["manager"] },
      { login: "accountant", roles: ["accountant", "manager"] },
    ],
  });
  office = officeOf(app);
});
after(() => app?.stop());

test("a new popug gets the task that waits, and is charged for it", async () => {
  const waiting = await office.create("Feed the chicks", "manager");
  assert.equal(waiting.assigneeId, null);
  await app.join({ login: "worker1", roles: ["worker"] });
  await app.settle();
  assert.equal((await office.task(waiting.id)).assigneeId, app.people["worker1"]);
  const entries = await office.entries(`userId=${app.people["worker1"]}`);
  assert.deepEqual(
    entries.map(({ kind, taskId }) => [kind, taskId]),
    [["fee", waiting.id]],
  );
  const fee = entries[0]?.amountMinor ?? 0;
  assert(fee <= -1000 && fee >= -2000 && fee % 100 === 0, `a fee of ${fee}`);
  assert.equal((await office.account("worker1")).balanceMinor, fee);
});

test("a day from its first task to payout and mails: what people read is what the books say", async () => {
  await app.join({ login: "worker2", roles: ["worker"] });
  await app.settle();
  for (let i = 0; i < 12; i++) await office.create(`Fix cage ${i}`);
  // worker1 finishes everything and is paid; worker2 only pays fees.
  for (const task of await office.tasks()) {
    if (task.assigneeId === app.people["worker1"]) assert.equal((await office.done(task)).status, 200);
  }
  await office.change("worker2", { name: "Second Popug" });
  await app.settle();
  const before = await office.account("worker1");
  assert(before.balanceMinor > 0, "a reward is never less than its fee");
  const today = await office.openPeriod();
  assertClosed(await office.midnight());

  const entries = await office.entries(`period=${today.number}`);
  const paid = entries.filter(({ kind }) => kind === "payout");
  assert.deepEqual(
    paid.map(({ amountMinor }) => amountMinor),
    [-before.balanceMinor],
  );
  const { totals } = await office.period(today.number);
  assert.equal(totals?.["earnedMinor"], -sum(entries, "fee") - sum(entries, "reward"));
  assert.equal(totals?.["paidOutMinor"], before.balanceMinor);
  assert.equal((await office.account("worker1")).balanceMinor, 0);
  const fees = entries.filter(({ kind, amountMinor }) => kind === "fee" && amountMinor < 0).length;
  assert.equal(fees, 13);

  const box = join(app.dataDir, "mailbox");
  const files = await readdir(box);
  const about = async (kind: string, login: string) => {
    const name = files.filter((file) => file.startsWith(`${kind}.`) && file.includes(app.people[login] as string));
    assert.equal(name.length, 1, `${kind} of ${login} among ${files.join(", ")}`);
    return readFile(join(box, name[0] as string), "utf8");
  };
  assert.match(await about("payslip", "worker1"), /^To: .*worker1@popug\.test/m);
  await about("payslip", "worker2");
  await about("report", "admin");
  await about("audit", "admin");
  const { body } = await app.as("admin").get("/mails?limit=100");
  assert(body.items.every((mail: { status: string }) => mail.status === "sent"));
  assert.equal(body.items.length, files.length);

  const earned = await app.as("admin").get(`/analytics?day=${today.businessDate}`);
  assert.equal(earned.status, 200, JSON.stringify(earned.body));
});

test("the audit log of a day is taken away as JSON Lines with the hash of each line, and the audit mail leads there", async () => {
  const [first] = await office.periods();
  assert(first);
  const headers = { authorization: `Bearer ${await app.as("accountant").token()}` };
  const day = await fetch(`${app.url}/api/days/${first.businessDate}/export`, { headers });
  assert.equal(day.status, 200);
  const text = await day.text();
  const rows = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const hashes = new Set(rows.filter(({ type }) => type !== "payout").map(({ hash }) => hash));
  const heads = rows.filter(({ line }) => line === "block").map(({ head }) => head);
  assert(heads.length > 0 && heads.every((head) => hashes.has(head)));
  assert.equal(rows.filter(({ line }) => line === "posting").length, first.totals?.["entryCount"]);
  const period = await fetch(`${app.url}/api/periods/${first.number}/export`, { headers });
  assert.equal(await period.text(), text);
  assert.equal((await app.as("accountant").get("/days/2001-01-01/export")).status, 404);
  assert.equal((await app.as("worker1").get(`/days/${first.businessDate}/export`)).status, 403);
  const box = join(app.dataDir, "mailbox");
  const [mail] = (await readdir(box)).filter((file) => file.startsWith("audit."));
  assert(mail);
  const sent = (await readFile(join(box, mail), "utf8")).replaceAll("=\r\n", "");
  assert(sent.includes(`/api/periods/${first.number}/export`));
});

test("a negative balance is the next day's opening, and completing tasks is the way out", async () => {
  const yesterday = (await office.openPeriod()).number - 1;
  const debt = sum(await office.entries(`userId=${app.people["worker2"]}&period=${yesterday}`));
  assert(debt < 0);
  assert.equal((await office.account("worker2")).openingMinor, debt);
  const opening = (await app.as("accountant").get(`/periods/${yesterday + 1}`)).body.opening;
  assert.equal(opening.openingsMinor, debt);

  // Two days without any work carry it on.
  assertClosed(await office.midnight());
  assertClosed(await office.midnight());
  assert.deepEqual(await office.account("worker2").then((a) => [a.openingMinor, a.balanceMinor]), [debt, debt]);

  let due = debt;
  for (const task of await office.tasks()) {
    if (task.assigneeId === app.people["worker2"] && task.status === "in_progress") await office.done(task);
  }
  await app.settle();
  due += sum(await office.entries(`userId=${app.people["worker2"]}&period=${yesterday + 3}`));
  assert(due > 0, "the rewards are more than the fees were");
  const closed = await office.midnight();
  assert.equal(closed.totals?.["paidOutMinor"], due);
  assert.equal((await office.account("worker2")).balanceMinor, 0);
});

test("the books of all these days prove themselves", async () => {
  await assertAllClosed(app.owner, "journey");
  await assertClosedIsExact(app.owner, 1, "journey");
});
