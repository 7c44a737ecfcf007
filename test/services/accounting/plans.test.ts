/**
 * Queries of today in books of many days: PostgreSQL itself tells which partitions of the postings each statement was planned
 * for. One that it leaves alone only as it runs counts too: to plan for a year of partitions takes longer than to read a day.
 * Every statement of a question is explained as it runs, with its real parameters.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import pg from "pg";
import type { Sql } from "../../../src/platform/service.ts";
import { findAccount, listAccountRows, sumOfBalances } from "../../../src/services/accounting/account-store.ts";
import { checkBooks } from "../../../src/services/accounting/check.ts";
import { closeBooks } from "../../../src/services/accounting/close.ts";
import { listDayRows } from "../../../src/services/accounting/day-store.ts";
import { type EntryFilter, findEntry, listEntryRows } from "../../../src/services/accounting/entry-store.ts";
import { entryIdOf } from "../../../src/services/accounting/entry.ts";
import { exportPeriod } from "../../../src/services/accounting/export.ts";
import { earnedBefore, listAccountLines, loadStanding } from "../../../src/services/accounting/overview-store.ts";
import { listPayouts, saveFailed } from "../../../src/services/accounting/payout-store.ts";
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
/** Has entries of the second day only. */
const early = randomUUID();
/** Got a payout back today. */
let returned: string;
before(async () => {
  books = await openBooks();
  team = company(books);
  await team.found();
  for (let period = 1; period < DAYS; period++) {
    await playDay(team, people, 12);
    if (period === 2) await team.create(early);
    await team.end();
  }
  await playDay(team, people, 300);
  await books.settle();
  await giveBack(DAYS - 1);
  await books.owner("analyze");
  day = (await findPeriod(books.role, DAYS))?.businessDate ?? "";
});
after(() => books?.stop());

async function giveBack(period: number): Promise<void> {
  const [payout] = await listPayouts(books.role, period, { after: null }, 1);
  assert(payout);
  returned = payout.userId;
  const step = { was: "requested" as const, reason: "no such account", into: DAYS, at: new Date(), by: randomUUID() };
  await books.kept((sql) => saveFailed(sql, payout, step));
}

type Plan = { "Relation Name"?: string; "Index Name"?: string; "Subplans Removed"?: number; Plans?: Plan[] } & {
  [figure in "Actual Rows" | "Actual Loops" | "Rows Removed by Filter"]?: number;
};

/** Stands for partitions that were planned for and left alone as the statement ran. */
const LEFT_ALONE = 0;

/** Watches which partitions of the postings are planned for: each statement is explained in a savepoint, and then run. */
function watch() {
  const read = new Set<number>();
  const look = (plan: Plan) => {
    const [, period] = /^posting_(\d+)$/.exec(plan["Relation Name"] ?? "") ?? [];
    if (period !== undefined) read.add(Number(period));
    if ((plan["Subplans Removed"] ?? 0) > 0) read.add(LEFT_ALONE);
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

/** The partitions that a question is planned for. */
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
  "a payout that came back": async (sql) => {
    const [line] = await listEntryRows(sql, { userId: returned, kind: "payout-return", period: DAYS }, null, 1);
    assert.equal(line?.returned?.period, DAYS - 1);
  },
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
  test(`${name}: of ${DAYS} partitions, no old one is planned for`, async () => {
    assert.deepEqual(
      (await readBy(ask)).filter((period) => !asked(name).includes(period)),
      [],
    );
  });
}

test("whoever has no newer entries finds those of long ago, each once and the newest first", async () => {
  const [before, inAll] = [await listEntryRows(books.role, {}, null, 10_000), await books.owner("select from posting")];
  assert.equal(before.length, inAll.length);
  assert.equal(new Set(before.map((row) => entryIdOf(row))).size, inAll.length);
  assert.deepEqual(
    before.map(({ period }) => period),
    before.map(({ period }) => period).toSorted((a, b) => b - a),
  );
  const [left] = await listEntryRows(books.role, { userId: early }, null, 51);
  assert.equal(left?.period, 2);
});

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

/** How many rows of postings (or places of them, in an index) a question looks at; planned for its values, or once for all. */
async function rowsReadBy(
  ask: (sql: Sql) => Promise<unknown>,
  planned: "each time" | "once",
  sql: Sql,
): Promise<number> {
  let rows = 0;
  const look = (plan: Plan) => {
    const of = `${plan["Relation Name"] ?? ""} ${plan["Index Name"] ?? ""}`;
    const seen = (plan["Actual Rows"] ?? 0) + (plan["Rows Removed by Filter"] ?? 0);
    if (of.includes("posting")) rows += seen * (plan["Actual Loops"] ?? 0);
    for (const inner of plan.Plans ?? []) look(inner);
  };
  await sql(`set local plan_cache_mode = ${planned === "once" ? "force_generic_plan" : "force_custom_plan"}`);
  await ask(async (text, params = []) => {
    await sql(`prepare question as ${text}`);
    const values = params.length === 0 ? "" : `(${params.map((value) => pg.escapeLiteral(String(value))).join(", ")})`;
    const [row] = await sql<{ "QUERY PLAN": { Plan: Plan }[] }>(
      `explain (analyze, format json) execute question ${values}`,
    );
    await sql("deallocate question");
    for (const { Plan } of row?.["QUERY PLAN"] ?? []) look(Plan);
    return await sql(text, params);
  });
  return rows;
}

test("of 30 000 lines of a period a page of the newest looks at hundreds, of everybody and of one", async () => {
  // One of them has a hundred lines, five have the others; a line every third of a second.
  const lines = `insert into posting (period, source, epoch, partition, position, leg, debit_account, credit_account, amount_minor,
                                      kind, user_id, task_id, occurred_at, event_id)
    select ${DAYS + 1}, 'tasks', 99, n % 16, n, 0, a.id, 100, 15, 'fee', a.user_id, gen_random_uuid(),
           p.began_at + make_interval(secs => n / 3.0), gen_random_uuid()
      from generate_series(1, 30000) n join period p on p.number = ${DAYS + 1}
      join account a on a.user_id = (array[${people.map((id) => `'${id}'`)}]::uuid[])[case when n % 300 = 0 then 1 else 2 + n % 5 end]`;
  await books.within([lines, "analyze posting"], async (sql) => {
    const page = (filter: EntryFilter) => (through: Sql) => listEntryRows(through, filter, null, 51);
    const next = (filter: EntryFilter) => async (through: Sql) => {
      const last = (await listEntryRows(sql, filter, null, 51)).at(-1) ?? assert.fail();
      const after = { ...last, occurredAt: last.occurredAt.toISOString() };
      const rows = await listEntryRows(through, filter, after, 49);
      assert.equal(rows.length, 49);
    };
    for (const [of, filter] of Object.entries({ everybody: {}, one: { userId: people[0] as string } })) {
      for (const planned of ["each time", "once"] as const) {
        for (const [which, ask] of Object.entries({ first: page(filter), next: next(filter) })) {
          const rows = await rowsReadBy(ask, planned, sql);
          assert(rows > 0 && rows < 1_000, `${which} page of ${of}, planned ${planned}: ${rows}`);
        }
      }
    }
  });
});
