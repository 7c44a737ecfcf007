import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { entryPostedV1 } from "../../../src/contracts/accounting/entry.posted.v1.ts";
import { entryPostedV2 } from "../../../src/contracts/accounting/entry.posted.v2.ts";
import { entryPostedV4 } from "../../../src/contracts/accounting/entry.posted.v4.ts";
import { castData } from "../../../src/platform/contract.ts";
import { verifyBooks } from "../../../src/services/accounting/verify.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { fillCompany, type PaidCompany } from "./paid-company.ts";

let app: TestApp;
let company: PaidCompany;
before(async () => {
  app = await startTestApp({
    people: [
      { login: "manager", roles: ["manager"] },
      { login: "accountant", roles: ["accountant", "manager"] },
      { login: "second", roles: ["accountant", "manager"] },
      { login: "counting", roles: ["worker", "accountant"] },
      ...["gosha", "kesha", "rio", "coco"].map((login) => ({ login, roles: ["worker"] })),
    ],
  });
  company = fillCompany(app);
  for (const login of ["gosha", "rio", "coco", "counting"]) await company.setDetails(login);
  await company.payDay();
});
after(() => app?.stop());

const states = async (period = 1) =>
  Object.fromEntries((await company.payouts(period)).map((payout) => [payout.userName.split(" ")[0], payout.state]));
const move = (login: string, popug: string, step: string, body?: unknown) =>
  app.as(login).post(`/payouts/1/${app.people[popug]}/${step}`, body);
const events = (type: string) =>
  app.owner<{ key: string; data: { userId: string; amountMinor: number } }>(
    "select key, data from accounting.log where type = $1 order by partition, position",
    [type],
  );

test("after the close every payout is requested; those whose popugs did not say where to be paid wait, and hold up no other", async () => {
  assert.deepEqual(await states(), {
    ...{ gosha: "requested", kesha: "waiting", rio: "requested", coco: "requested", counting: "requested" },
  });
  const sums = (await app.as("accountant").get("/periods/1/payout-sums")).body.items;
  assert.deepEqual(
    sums.map((sum: { state: string; count: number }) => [sum.state, sum.count]),
    [
      ["waiting", 1],
      ["requested", 4],
      ["sent", 0],
      ["confirmed", 0],
      ["failed", 0],
    ],
  );
  const only = (await app.as("admin").get("/periods/1/payouts?state=waiting")).body.items;
  assert.deepEqual(
    only.map((payout: { userName: string }) => payout.userName),
    ["kesha Popug"],
  );
});

test("workers and managers neither see payouts of others nor move them; without a payout there is nothing to move", async () => {
  for (const login of ["gosha", "manager"]) {
    assert.equal((await app.as(login).get("/periods/1/payouts")).status, 403);
    assert.equal((await move(login, "gosha", "sent")).status, 403);
    assert.equal((await app.as(login).post("/periods/1/payouts/confirmed")).status, 403);
  }
  const none = await move("accountant", "manager", "sent");
  assert.deepEqual([none.status, none.body.code], [404, "payout-not-found"]);
});

test("a payout without pay details is not sent; one that was not sent is not confirmed", async () => {
  const waiting = await move("accountant", "kesha", "sent");
  assert.deepEqual([waiting.status, waiting.body.code], [409, "pay-details-missing"]);
  const early = await move("accountant", "gosha", "confirmed");
  assert.deepEqual([early.status, early.body.code], [409, "payout-elsewhere"]);
});

test("two accountants who move the same payout at once: one of them does, once", async () => {
  const sent = await Promise.all(["accountant", "second", "admin"].map((login) => move(login, "gosha", "sent")));
  assert.deepEqual(sent.map(({ status }) => status).toSorted(), [200, 409, 409]);
  const ended = await Promise.all([
    move("accountant", "gosha", "confirmed"),
    move("second", "gosha", "failed", { reason: "the account is closed" }),
    move("admin", "gosha", "confirmed"),
  ]);
  assert.deepEqual(ended.map(({ status }) => status).toSorted(), [200, 409, 409]);
  await app.settle();
  const told = await Promise.all(["sent", "confirmed", "failed"].map((step) => events(`payout.${step}`)));
  assert.deepEqual(
    told.map((all) => all.length),
    [1, ...((await states())["gosha"] === "confirmed" ? [1, 0] : [0, 1])],
  );
});

test("a payout that failed comes back to the account with a line that names it, and is paid with the next one", async () => {
  assert.equal((await move("accountant", "rio", "sent")).status, 200);
  const before = await company.account("rio");
  const failed = await move("second", "rio", "failed", { reason: "  the account is closed " });
  assert.deepEqual([failed.status, failed.body.state], [200, "failed"], JSON.stringify(failed.body));
  await app.settle();

  const payout = (await company.payouts()).find((one) => one.userId === app.people["rio"]);
  assert.equal(payout?.reason, "the account is closed");
  const after = await company.account("rio");
  assert.equal(after.balanceMinor, before.balanceMinor + (payout?.amountMinor ?? 0));
  assert.equal(after.earnedTodayMinor, before.earnedTodayMinor, "what comes back was not earned today");
  const lines = (await app.as("accountant").get("/account-lines?q=rio")).body.items;
  assert.deepEqual(
    [lines[0].earnedTodayMinor, lines[0].earnedByDay.at(-1)],
    [after.earnedTodayMinor, after.earnedTodayMinor],
  );
  const [line] = (await app.as("rio").get("/entries?kind=payout-return")).body.items;
  assert.deepEqual([line.entryId, line.amountMinor], [payout?.returnedBy, payout?.amountMinor]);
  assert.deepEqual(line.returned, { entryId: payout?.entryId, label: payout?.label, reason: "the account is closed" });
  assert.equal(
    (await app.as("rio").get(`/entries/${line.entryId}/explain`)).body.posting.debit.account,
    "payout-clearing",
  );
  const [mine] = (await app.as("rio").get("/my/payouts")).body.items;
  assert.deepEqual([mine.state, mine.reason, mine.iban], ["failed", "the account is closed", undefined]);

  await company.close();
  const next = (await company.payouts(2)).find((one) => one.userId === app.people["rio"]);
  assert.equal(next?.amountMinor, after.balanceMinor);
  assert.equal(next?.state, "requested");
  const closed = (await app.as("accountant").get("/periods/2")).body;
  assert.deepEqual(closed.check.findings, []);
  assert((closed.totals.returnedMinor ?? 0) >= (payout?.amountMinor ?? 0));
});

test("nobody gives a payout back to their own account, and no account number stands in a reason", async () => {
  const own = await move("counting", "counting", "failed", { reason: "pay me twice" });
  assert.deepEqual([own.status, own.body.code], [403, "own-account"]);
  const iban = await move("counting", "coco", "failed", { reason: "wrong: DE89 3704 0044 0532 0130 00" });
  assert.deepEqual([iban.status, iban.body.code], [400, "account-number-in-reason"]);
  assert.equal((await move("counting", "coco", "failed", { reason: "  x " })).status, 400);
  assert.equal((await states())["coco"], "requested");
});

test("confirming all that is sent leaves those alone that are not, and the one that failed", async () => {
  assert.equal((await move("accountant", "coco", "sent")).status, 200);
  const answer = await app.as("second").post("/periods/1/payouts/confirmed");
  assert.deepEqual([answer.status, answer.body.count], [200, 1]);
  const now = await states();
  assert.deepEqual(
    [now["coco"], now["kesha"], now["rio"], now["counting"]],
    [...["confirmed", "waiting", "failed", "requested"]],
  );
  assert.equal((await app.as("second").post("/periods/1/payouts/confirmed")).body.count, 0);
});

test("whose payout failed gets a mail that says why, and nobody else does", async () => {
  await app.settle();
  const [mail] = (await app.as("rio").get("/my/mails")).body.items.filter(
    (one: { kind: string }) => one.kind === "payout-failed",
  );
  const { body } = await app.as("rio").get(`/my/mails/${mail?.mailId}`);
  assert.match(body.text, /the account is closed/);
  const all = (await app.as("admin").get("/mails")).body.items;
  const failed = all.filter((one: { kind: string }) => one.kind === "payout-failed");
  assert.deepEqual(
    failed.map((one: { name: string }) => one.name).filter((name: string) => name !== "gosha Popug"),
    ["rio Popug"],
  );
});

test("verify computes returns a second time", async () => {
  await app.settle();
  const { findings } = await verifyBooks(app.sql("accounting"));
  assert.deepEqual(findings, []);
});

test("a reader of older versions gets a payout with the opposite sign for one that came back", () => {
  const line = {
    ...{ entryId: "2-return-0-1-1-0", userId: app.people["rio"] as string, kind: "payout-return" as const },
    ...{ amountMinor: 1_000, taskId: null, title: null, jiraId: null, occurredAt: "2026-11-22T10:00:00.000Z" },
    returned: { entryId: "1-accounting-0-1-1-0", label: "2026-11-21", reason: "closed" },
  };
  const data = { period: 2, businessDate: "2026-11-22", currency: "USD", entries: [line] };
  assert.equal(entryPostedV4.writeProblem(data), null);
  for (const older of [entryPostedV2, entryPostedV1]) {
    const lowered = castData(entryPostedV4, older, data) as typeof data;
    assert.equal(older.writeProblem(lowered), null);
    assert.deepEqual([lowered.entries[0]?.kind, lowered.entries[0]?.amountMinor], ["payout", 1_000]);
  }
});
