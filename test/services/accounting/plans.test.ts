/**
 * Queries of today in books of many days: PostgreSQL itself tells which partitions of the postings each statement read.
 * Every statement of a question is explained as it runs, with its real parameters.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import type { Sql } from "../../../src/platform/service.ts";
import { findAccount, listAccountRows, sumOfBalances } from "../../../src/services/accounting/account-store.ts";
import { checkBooks } from "../../../src/services/accounting/check.ts";
import { closeBooks } from "../../../src/services/accounting/close.ts";
import { listDayRows } from "../../../src/services/accounting/day-store.ts";
import { findEntry, listEntryRows } from "../../../src/services/accounting/entry-store.ts";
import { exportPeriod } from "../../../src/services/accounting/export.ts";
import { earnedBefore, listAccountLines, loadStanding } from "../../../src/services/accounting/overview-store.ts";
import { findPeriod } from "../../../src/services/accounting/period-store.ts";
import { balancesAfter } from "../../../src/services/accounting/running-balance-store.ts";
import { type Books, openBooks } from "./books.ts";
import { type Company, company, playDay } from "./company.ts";

const DAYS = 40;
let books: Books;
let team: Company;
let day: string;
const people = Array.from({ length: 6 }, () => randomUUID());
const popug = people[1] as string;
before(async () => {
  books = await openBooks();
  team = company(books);
  await team.found();
  for (let period = 1; period < DAYS; period++) {
    await playDay(team, people, 6);
    await team.end();
  }
  await playDay(team, people, 300);
  await books.settle();
  await books.owner("analyze");
  day = (await findPeriod(books.role, DAYS))?.businessDate ?? "";
});
after(() => books?.stop());

type Plan = { "Relation Name"?: string; "Actual Loops": number; Plans?: Plan[] };

/** Watches which partitions of the postings are read: each statement is explained in a savepoint, and then run. */
function watch() {
  const read = new Set<number>();
  const look = (plan: Plan) => {
    const [, period] = /^posting_(\d+)$/.exec(plan["Relation Name"] ?? "") ?? [];
    if (period !== undefined && plan["Actual Loops"] > 0) read.add(Number(period));
    for (const inner of plan.Plans ?? []) look(inner);
  };
  const through =
    (sql: Sql): Sql =>
    async (text, params) => {
      await sql("savepoint before_it");
      const [row] = await sql<{ "QUERY PLAN": { Plan: Plan }[] }>(`explain (analyze, format json) ${text}`, params);
      await sql("rollback to savepoint before_it");
      for (const { Plan } of row?.["QUERY PLAN"] ?? []) look(Plan);
      return await sql(text, params);
    };
  return { through, read: () => [...read].sort((a, b) => a - b) };
}

/** The partitions that a question reads. */
async function readBy(ask: (sql: Sql) => Promise<unknown>): Promise<number[]> {
  const watched = watch();
  await books.within([], (sql) => ask(watched.through(sql)));
  return watched.read();
}

const questions: Record<string, (sql: Sql) => Promise<unknown>> = {
  "one's account": (sql) => findAccount(sql, popug),
  "a page of accounts": (sql) => listAccountRows(sql, null, 51),
  "accounts by balance": (sql) =>
    listAccountLines(sql, { order: "balance", negative: false, named: undefined }, 0, 51, 14),
  "all balances in figures": (sql) => sumOfBalances(sql),
  "the company at this hour": (sql) => loadStanding(sql),
  "earned by this hour": (sql) => earnedBefore(sql, day, new Date("2100-01-01")),
  "one's entries of an old day": async (sql) => {
    const old = (await findPeriod(books.role, 3))?.businessDate ?? "";
    await listEntryRows(sql, { userId: popug, day: old }, null, 51);
  },
  "one's entries of the day": (sql) => listEntryRows(sql, { userId: popug, day }, null, 51),
  "one's entries of the period": (sql) => listEntryRows(sql, { userId: popug, period: DAYS }, null, 51),
  "one's newest entries": (sql) => listEntryRows(sql, { userId: popug }, null, 51),
  "everybody's newest entries": (sql) => listEntryRows(sql, {}, null, 51),
  "everybody's newest fees": (sql) => listEntryRows(sql, { kind: "fee" }, null, 51),
  "balances behind lines": async (sql) =>
    balancesAfter(sql, await listEntryRows(books.role, { userId: popug, period: DAYS }, null, 20)),
  "an entry": async (sql) => {
    const [entry] = await listEntryRows(books.role, { period: DAYS }, null, 1);
    assert(entry);
    assert(await findEntry(sql, entry));
  },
  "the last days": (sql) => listDayRows(sql, {}, 14),
};

/** The periods that a question is about. */
function asked(name: string): number[] {
  if (name.includes("old day")) return [3];
  // Its small charts show the last fourteen days.
  return name === "accounts by balance" ? Array.from({ length: 14 }, (_, i) => DAYS - i) : [DAYS];
}

for (const [name, ask] of Object.entries(questions)) {
  test(`${name}: of ${DAYS} partitions, no old one is read`, async () => {
    assert.deepEqual(
      (await readBy(ask)).filter((period) => !asked(name).includes(period)),
      [],
    );
  });
}

test("booking, closing, checking and exporting a day read no partition but its own", async () => {
  const newest = people[2] as string;
  const taskId = await team.create(newest);
  await team.change(taskId, newest, "done");
  await books.log();
  const booking = watch();
  await books.consumeThrough(booking.through);
  assert.deepEqual(booking.read(), []);
  await team.end();
  await books.log();
  await books.consumeThrough((sql) => sql);
  const closing = watch();
  await books.accounting.tools.transact("billing.close", "system:close", (ctx) =>
    closeBooks({ ...ctx, sql: closing.through(ctx.sql) }, DAYS),
  );
  assert.notEqual((await findPeriod(books.role, DAYS))?.closedAt, null);
  assert.deepEqual(closing.read(), [DAYS]);
  assert.deepEqual(await readBy((sql) => checkBooks(sql, DAYS)), [DAYS]);
  const exporting = async (sql: Sql) => {
    for await (const part of (await exportPeriod(sql, DAYS)) ?? []) assert(part.length > 0);
  };
  assert.deepEqual(await readBy(exporting), [DAYS]);
});
