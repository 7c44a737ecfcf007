import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { verifyBooks } from "../../../src/services/accounting/verify.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { fillCompany } from "./paid-company.ts";

let app: TestApp;
before(async () => {
  app = await startTestApp({
    people: [
      { login: "manager", roles: ["manager"] },
      { login: "accountant", roles: ["accountant", "manager"] },
      { login: "second", roles: ["accountant", "manager"] },
      { login: "gosha", roles: ["worker"] },
    ],
  });
  // Every task is drawn for the only popug, and none is finished.
  for (const title of ["Fix the cage", "Feed the cat"]) {
    assert.equal((await app.as("manager").post("/tasks", { title })).status, 201);
  }
  await app.settle();
});
after(() => app?.stop());

const close = () => fillCompany(app).close();
const account = async () => (await app.as("accountant").get(`/accounts/${app.people["gosha"]}`)).body;
const request = (login: string, reason = "gone without an address") =>
  app.as(login).post(`/accounts/${app.people["gosha"]}/write-offs`, { reason });
const approve = (login: string, id: string) => app.as(login).post(`/write-offs/${id}/approve`);
let id = "";

test("the debt of somebody who is still here is carried on, not given up", async () => {
  const answer = await request("accountant");
  assert.deepEqual([answer.status, answer.body.code], [409, "still-active"]);
  assert.equal((await request("manager")).status, 403);
});

test("whoever leaves below zero gets a last statement, which carries the debt; nobody else gets a mail for it again", async () => {
  await app.as("admin").patch(`/users/${app.people["gosha"]}`, { status: "inactive" });
  await app.settle();
  await close();
  await close();
  const { balanceMinor } = await account();
  assert(balanceMinor < 0);
  const mails = (await app.as("admin").get("/mails")).body.items as { kind: string; period: number; userId: string }[];
  const payslips = mails.filter((mail) => mail.kind === "payslip" && mail.userId === app.people["gosha"]);
  assert.deepEqual(
    payslips.map((mail) => mail.period),
    [1],
  );
  const statements = await app.owner<{ closing: number }>(
    "select closing_minor as closing from accounting.statement where user_id = $1 order by period",
    [app.people["gosha"]],
  );
  assert.deepEqual(
    statements.map(({ closing }) => closing),
    [balanceMinor, balanceMinor],
  );
});

test("a debt is given up when two people have agreed, once, whoever is first", async () => {
  const before = await account();
  const asked = await request("accountant");
  assert.deepEqual([asked.status, asked.body.status, asked.body.amountMinor], [201, "waiting", -before.balanceMinor]);
  id = asked.body.id;
  assert.equal((await account()).balanceMinor, before.balanceMinor);
  const alone = await approve("accountant", id);
  assert.deepEqual([alone.status, alone.body.code], [403, "second-person-needed"]);
  const other = (await request("accountant", "asked twice")).body.id;
  const answers = await Promise.all(["second", "admin"].map((login) => approve(login, id)));
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409]);
  await app.settle();
  const after = await account();
  assert.deepEqual([after.balanceMinor, after.earnedTodayMinor], [0, before.earnedTodayMinor]);
  const late = await approve("second", other);
  assert.deepEqual([late.status, late.body.code], [409, "debt-changed"]);
  const nothing = await request("second");
  assert.deepEqual([nothing.status, nothing.body.code], [409, "no-debt"]);
});

test("it is a line of the books against an account of its own, and a figure of the period, and verify computes it again", async () => {
  const [posted] = (await app.as("second").get(`/write-offs?userId=${app.people["gosha"]}`)).body.items.filter(
    (one: { status: string }) => one.status === "posted",
  );
  assert.equal(posted.id, id);
  const { posting, entry, ...why } = (await app.as("second").get(`/entries/${posted.entryId}/explain`)).body;
  assert.deepEqual([entry.kind, posting.debit.account, posting.credit.account], ["write-off", "write-off", "popug"]);
  assert.deepEqual([why.event, why.command, why.person.userId], [null, "billing.write-off", posted.approvedBy]);
  const number = await close();
  const closed = (await app.as("second").get(`/periods/${number}`)).body;
  assert.deepEqual([closed.totals.writtenOffMinor, closed.totals.earnedMinor], [posted.amountMinor, 0]);
  assert.deepEqual(closed.check.findings, []);
  const { findings } = await verifyBooks(app.sql("accounting"));
  assert.deepEqual(findings, []);
});
