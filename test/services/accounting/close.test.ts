import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";
import { billingClosedV1 } from "../../../src/contracts/accounting/billing.closed.v1.ts";
import { entryPostedV4 } from "../../../src/contracts/accounting/entry.posted.v4.ts";
import { payoutRequestedV1 } from "../../../src/contracts/accounting/payout.requested.v1.ts";
import { statementIssuedV1 } from "../../../src/contracts/accounting/statement.issued.v1.ts";
import { checksumOf } from "../../../src/platform/event.ts";
import type { Sql } from "../../../src/platform/service.ts";
import { findAccount, sumOfBalances } from "../../../src/services/accounting/account-store.ts";
import { closeBooks } from "../../../src/services/accounting/close.ts";
import { findPeriod } from "../../../src/services/accounting/period-store.ts";
import { verifyBooks } from "../../../src/services/accounting/verify.ts";
import { type Books, openBooks } from "./books.ts";
import { type Company, company, playDay } from "./company.ts";

let books: Books;
let team: Company;
beforeEach(async () => {
  books = await openBooks();
  team = company(books);
  await team.found();
});
afterEach(() => books.stop());

type Statement = {
  user_id: string;
  opening_minor: number;
  credits_minor: number;
  debits_minor: number;
  payout_minor: number;
  closing_minor: number;
};
const statements = (period: number) =>
  books.owner<Statement>("select * from statement where period = $1 order by user_id", [period]);
const isClosed = async (period: number) => (await findPeriod(books.role, period))?.closedAt !== null;
const part = (name: string) => {
  const pass = books.accounting.parts.get(name);
  assert(pass);
  return pass;
};
const assertVerified = async () => assert.deepEqual((await verifyBooks(books.owner)).findings, []);
const close = (number: number, wrap: (sql: Sql) => Sql = (sql) => sql) =>
  books.accounting.tools.transact("billing.close", "system:close", (ctx) =>
    closeBooks({ ...ctx, sql: wrap(ctx.sql) }, number),
  );

test("a positive balance is paid out and becomes zero, a negative one is carried to the next period and paid off there", async () => {
  const [poor, rich] = [randomUUID(), randomUUID()];
  const first = await team.create(poor);
  const second = await team.create(rich);
  await team.change(second, rich, "done");
  await team.end();
  await books.settle();
  const fees = await books.owner<{ task_id: string; fee: number; reward: number }>(
    "select task_id, fee_minor as fee, reward_minor as reward from price",
  );
  const [a, b] = [first, second].map((id) => fees.find((row) => row.task_id === id));
  assert(a && b);
  const byUser = new Map((await statements(1)).map((s) => [s.user_id, s]));
  const figures = (s?: Statement) =>
    s && [s.opening_minor, s.credits_minor, s.debits_minor, s.payout_minor, s.closing_minor];
  assert.deepEqual(figures(byUser.get(poor)), [0, 0, a.fee, 0, -a.fee]);
  assert.deepEqual(figures(byUser.get(rich)), [
    0,
    b.reward,
    b.fee,
    Math.max(b.reward - b.fee, 0),
    Math.min(b.reward - b.fee, 0),
  ]);
  assert.equal((await findAccount(books.role, poor))?.balanceMinor, -a.fee);
  assert.equal((await findAccount(books.role, rich))?.balanceMinor, Math.min(b.reward - b.fee, 0));

  await team.change(first, poor, "done");
  await team.end();
  await books.settle();
  const next = (await statements(2)).find((s) => s.user_id === poor);
  assert.deepEqual(figures(next), [-a.fee, a.reward, 0, Math.max(a.reward - a.fee, 0), Math.min(a.reward - a.fee, 0)]);
  await assertVerified();
});

test("each period opens with what the one before carried, and the billing of the next one is begun from it", async () => {
  const people = Array.from({ length: 5 }, () => randomUUID());
  for (let day = 1; day <= 3; day++) {
    await playDay(team, people, 20);
    await team.end();
  }
  await books.settle();
  for (const period of [2, 3]) {
    const before = new Map((await statements(period - 1)).map((s) => [s.user_id, s.closing_minor]));
    for (const s of await statements(period)) assert.equal(s.opening_minor, before.get(s.user_id) ?? 0);
  }
  const openings = await books.owner<{ period: number; openings_minor: number }>(
    "select * from period_opening order by period",
  );
  const carried = await books.owner<{ period: number; carried_minor: number }>("select * from closing order by period");
  assert.deepEqual(
    openings.map((o) => [o.period - 1, o.openings_minor]),
    carried.map((c) => [c.period, c.carried_minor]),
  );
  const checks = await books.owner("select ok, findings from close_check");
  assert.deepEqual(
    checks,
    Array.from({ length: 3 }, () => ({ ok: true, findings: [] })),
  );
  const total = carried.at(-1)?.carried_minor;
  assert.equal((await sumOfBalances(books.role)).totalMinor, total);
  await assertVerified();
});

test("days on which nothing happened are closed empty, one by one", async () => {
  for (let day = 1; day <= 3; day++) await team.end();
  await books.settle();
  const closings = await books.owner<{ period: number; entry_count: number; seal: string }>(
    "select * from closing order by period",
  );
  assert.deepEqual(
    closings.map((c) => [c.period, c.entry_count]),
    [
      [1, 0],
      [2, 0],
      [3, 0],
    ],
  );
  assert.equal(new Set(closings.map((c) => c.seal)).size, 3);
  assert.equal(await isClosed(4), false);
  await assertVerified();
});

test("a popug with a debt has a statement on days without activity, too", async () => {
  const poor = randomUUID();
  await team.create(poor);
  await team.end();
  await team.end();
  await books.settle();
  const [first, second] = [(await statements(1))[0], (await statements(2))[0]];
  assert.equal(second?.opening_minor, first?.closing_minor);
  assert.equal(second?.closing_minor, first?.closing_minor);
});

test("two closers at once close once", async () => {
  await playDay(team, [randomUUID(), randomUUID()], 10);
  await team.end();
  await books.log();
  while ((await part("consumer:on-task")()) > 0);
  const results = await Promise.all([close(1), close(1), close(1)]);
  assert.deepEqual(results.toSorted(), [false, false, true]);
  assert.equal(await close(1), false);
  await books.settle();
  const [events] = await books.owner("select count(*) as n from log where type = 'billing.closed'");
  assert.deepEqual(events, { n: 16 });
  await assertVerified();
});

test("a close that is killed before any one of its statements leaves nothing behind, and the next one closes", async () => {
  const people = Array.from({ length: 4 }, () => randomUUID());
  await playDay(team, people, 12);
  await team.end();
  await books.log();
  while ((await part("consumer:on-task")()) > 0);
  let statementsRun = 0;
  for (let killAt = 1; ; killAt++) {
    statementsRun = 0;
    const killer =
      (sql: Sql): Sql =>
      async (text, params) => {
        if (++statementsRun === killAt) throw new Error("killed");
        return await sql(text, params);
      };
    const closed = await close(1, killer).catch((error: Error) => error.message);
    if (closed === true) break;
    assert.equal(closed, "killed");
    const [left] = await books.owner<{ n: number }>(
      `select (select count(*) from statement) + (select count(*) from closing) + (select count(*) from posting where kind = 'payout')
            + (select count(*) from outbox where type <> 'task.priced' and type <> 'entry.posted') as n`,
    );
    assert.equal(left?.n, 0, `killed at statement ${killAt}`);
    assert.equal(await isClosed(1), false);
  }
  assert(statementsRun >= 12, `${statementsRun} statements`);
  await books.settle();
  await assertVerified();
});

test("what a close publishes keeps the contracts, and its barrier counts all of it in each partition", async () => {
  const people = Array.from({ length: 60 }, () => randomUUID());
  await playDay(team, people, 120);
  await team.end();
  await books.settle();
  const contracts = [statementIssuedV1, payoutRequestedV1, entryPostedV4, billingClosedV1];
  type Row = {
    partition: number;
    position: number;
    id: string;
    type: string;
    period: number;
    key: string;
    data: Record<string, unknown>;
    control: Record<string, { count: number; checksum: string }>;
  };
  const log = await books.owner<Row>("select * from log where period = 1 order by partition, position");
  for (const contract of contracts) {
    const events = log.filter((event) => event.type === contract.type);
    assert(events.length > 0, contract.type);
    for (const { data } of events) assert.equal(contract.writeProblem(data), null, contract.type);
  }
  const told = await statements(1);
  assert.equal(log.filter((e) => e.type === "statement.issued").length, told.length);
  assert.equal(log.filter((e) => e.type === "payout.requested").length, told.filter((s) => s.payout_minor > 0).length);
  const payouts = log.flatMap((e) =>
    e.type === "entry.posted" ? (e.data["entries"] as { kind: string; amountMinor: number }[]) : [],
  );
  const paid = payouts.filter((entry) => entry.kind === "payout").reduce((sum, entry) => sum - entry.amountMinor, 0);
  assert.equal(
    paid,
    told.reduce((sum, s) => sum + s.payout_minor, 0),
  );
  for (const barrier of log.filter((e) => e.type === "billing.closed")) {
    const before = log.filter((e) => e.partition === barrier.partition && e.position < barrier.position);
    for (const type of new Set(before.map((e) => e.type))) {
      const events = before.filter((e) => e.type === type);
      const checksum = String(events.reduce((sum, e) => sum + checksumOf(e.id), 0));
      assert.deepEqual(barrier.control[type], { count: events.length, checksum });
    }
    assert(log.every((e) => e.partition !== barrier.partition || e.position <= barrier.position));
  }
});
