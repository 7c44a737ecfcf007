/** Balances from other books: each popug's once, under the rules of all postings. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { checkBooks } from "../../../src/services/accounting/check.ts";
import { decimalAmount, minorPerUnit } from "../../../src/services/accounting/money.ts";
import { readBalances } from "../../../src/services/accounting/opening.ts";
import { verifyBooks } from "../../../src/services/accounting/verify.ts";
import { startTestApp, type TestApp } from "../../kit/app.ts";
import { assertClosed, officeOf, type Office } from "../../journeys/office.ts";

let app: TestApp;
let office: Office;
before(async () => {
  app = await startTestApp({ loops: false });
  office = officeOf(app);
  await app.settle();
});
after(() => app?.stop());

const bring = (csv: string, more: Record<string, unknown> = {}, by = "accountant") =>
  app.as(by).post("/opening-balances/import", { csv, currency: "USD", ...more });
const balances = async () =>
  await Promise.all(["worker1", "worker2", "worker3"].map(async (login) => (await office.account(login)).balanceMinor));

test("what cannot be imported is named by its line, and nothing is imported; a rehearsal changes nothing", async () => {
  const csv = [
    "login,amount",
    "worker1,12.50",
    "nobody,5",
    "worker2,12.345",
    "worker3,0",
    "worker3,x",
    "worker1,3",
    "accountant,5",
  ].join("\n");
  const expected = [
    { line: 3, reason: "nobody is called nobody" },
    { line: 4, reason: "“12.345” has parts that USD has not" },
    { line: 5, reason: "an amount of zero is no balance" },
    { line: 6, reason: "“x” is no amount such as 12.50 or -3" },
    { line: 7, reason: "line 2 names worker1 already" },
    { line: 8, reason: "nobody brings in their own balance" },
  ];
  const rehearsed = await bring(csv, { dryRun: true });
  assert.deepEqual(rehearsed.body, { imported: 1, known: 0, rejected: expected });
  const refused = await bring(csv);
  assert.deepEqual([refused.status, refused.body.code], [400, "bad-lines"]);
  assert.equal((await bring("name;amount\nworker1;3")).body.code, "bad-balances-file");
  assert.deepEqual(await balances(), [0, 0, 0]);
});

test("balances above and below zero are brought in once, by login or id, and are not earned", async () => {
  const csv = `userId,amount\n${app.people["worker1"]},12.50\n${app.people["worker2"]},-3`;
  const [first, second] = await Promise.all([bring(csv), bring(csv)]);
  assert.deepEqual([first.status, second.status], [200, 200]);
  assert.deepEqual([first.body.imported + second.body.imported, first.body.known + second.body.known], [2, 2]);
  await app.settle();
  assert.deepEqual(await balances(), [1_250, -300, 0]);
  const again = await bring("login,amount\nworker1,12.50\nworker2,-4\nworker3,1", { mode: "good" });
  assert.deepEqual(again.body, {
    imported: 1,
    known: 1,
    rejected: [{ line: 3, reason: "another balance of worker2 was brought in already" }],
  });
  const lines = (await app.as("accountant").get("/account-lines?sort=name")).body.items;
  assert.deepEqual(
    lines
      .filter(({ login }: { login: string }) => login.startsWith("worker"))
      .map((line: { balanceMinor: number; earnedTodayMinor: number }) => [line.balanceMinor, line.earnedTodayMinor]),
    [
      [1_250, 0],
      [-300, 0],
      [100, 0],
    ],
  );
  assert.equal((await app.as("worker2").get("/my/account")).body.earnedTodayMinor, 0);
});

test("a line says what it is and where it comes from", async () => {
  const [entry] = await office.entries(`userId=${app.people["worker2"]}`);
  assert.deepEqual([entry?.kind, entry?.amountMinor], ["opening-debt", -300]);
  const { body } = await app.as("worker2").get(`/entries/${entry?.entryId}/explain`);
  assert.deepEqual([body.posting.debit.account, body.posting.credit.account], ["popug", "opening-balance"]);
  assert.deepEqual([body.event, body.command, body.person.login], [null, "billing.import", "accountant"]);
});

test("only accountants and admins bring balances in", async () => {
  for (const login of ["worker1", "manager"])
    assert.equal((await bring("login,amount\nworker3,1", {}, login)).status, 403);
});

test("the period closes with them: paid out or carried, in totals, statements, trial balance and seal", async () => {
  const closed = await office.closeNow();
  assertClosed(closed);
  assert.equal(closed.totals?.["paidOutMinor"], 1_350);
  assert.deepEqual(await balances(), [0, -300, 0]);
  const trial = (await app.as("accountant").get(`/periods/${closed.number}/trial-balance`)).body;
  const house = trial.items?.find(({ account }: { account: string }) => account === "opening-balance");
  assert.deepEqual([house?.debitsMinor, house?.creditsMinor], [1_350, 300], JSON.stringify(trial));
  assert.deepEqual(await checkBooks(app.sql("accounting"), closed.number), []);
  assert.deepEqual((await verifyBooks(app.sql("accounting"))).findings, []);
  // Another period takes balances, too.
  assert.equal((await bring("login,amount\nmanager,7")).body.imported, 1);
  assertClosed(await office.closeNow());
  assert.deepEqual((await verifyBooks(app.sql("accounting"))).findings, []);
});

const read = (amount: string, currency: string) =>
  readBalances(`login,amount\nx,${amount}`, currency).lines[0]?.amountMinor;

test("amounts are read exactly, whatever the currency's parts", () => {
  assert.equal(read("0.29", "USD"), 29);
  assert.equal(read("1.1", "USD"), 110);
  assert.equal(read("12.340", "USD"), 1_234);
  assert.equal(read("160071505.42", "USD"), 16_007_150_542);
  assert.equal(read("999999999.99", "USD"), 99_999_999_999);
  assert.equal(read("-7", "JPY"), -7);
  assert.equal(read("7.0", "JPY"), 7);
  assert.equal(read("7.5", "JPY"), undefined);
  assert.equal(read("0.001", "USD"), undefined);
  assert.equal(read("1.005", "KWD"), 1_005);
});

test("every amount that a currency has is read as it was written", () => {
  const currencies = fc.constantFrom("USD", "JPY", "KWD");
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_999_999 }), fc.nat(999), currencies, (whole, parts, currency) => {
      const unit = minorPerUnit(currency);
      const minor = whole * unit + (parts % unit);
      assert.equal(read(decimalAmount(minor, currency), currency), minor);
      assert.equal(read(`-${decimalAmount(minor, currency)}`, currency), -minor);
    }),
    { numRuns: 2_000 },
  );
});
