import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import type { Sql } from "../../../src/platform/service.ts";
import { type Books, openBooks } from "./books.ts";
import { company, playDay } from "./company.ts";

let books: Books;
const popug = randomUUID();
before(async () => {
  books = await openBooks();
  const team = company(books);
  await team.found();
  await playDay(team, [popug, randomUUID(), randomUUID()], 12);
  await team.end();
  await playDay(team, [popug, randomUUID()], 6);
  await books.settle();
});
after(() => books?.stop());

/** The state that has to survive every attack. */
const state = async () => {
  const tables = ["posting", "statement", "closing", "close_check", "price", "barrier", "period", "period_opening"];
  const rows = [];
  for (const table of tables) {
    rows.push(
      await books.owner(
        `select '${table}' as name, md5(coalesce(string_agg(t::text, ',' order by t::text), '')) from ${table} t`,
      ),
    );
  }
  return rows;
};

const attack = async (sql: Sql, text: string, expected: RegExp) => {
  const unharmed = await state();
  await assert.rejects(sql(text), expected, text);
  assert.deepEqual(await state(), unharmed, text);
};

const copyOf = (table: string, changes: Record<string, string>) =>
  `insert into ${table} select (jsonb_populate_record(t, '${JSON.stringify(changes)}')).* from ${table} t where period = 1 limit 1`;

const appendOnly = [
  "posting",
  "statement",
  "closing",
  "close_check",
  "price",
  "barrier",
  "period_opening",
  "close_request",
];

test("accounting's own role cannot change or remove what was written", async () => {
  for (const table of appendOnly) {
    const column = table === "price" ? "currency" : "period";
    await attack(books.role, `update ${table} set ${column} = ${column}`, /permission denied/);
    await attack(books.role, `delete from ${table}`, /permission denied/);
    await attack(books.role, `truncate ${table}`, /permission denied/);
  }
});

test("not even the owner changes or removes it, as long as the rules of the tables stand", async () => {
  await books.owner(
    "insert into close_request (period, by, requested_at) values (1, 'person', now()) on conflict do nothing",
  );
  for (const table of [...appendOnly, "posting_1"]) {
    const column = table === "price" ? "currency" : "period";
    await attack(books.owner, `update ${table} set ${column} = ${column}`, /append-only/);
    await attack(books.owner, `delete from ${table}`, /append-only/);
    await attack(books.owner, `truncate ${table}`, /append-only|referenced/);
  }
});

test("no row enters a closed period, through the ledger or past it", async () => {
  const more = { position: "999999" };
  await attack(books.role, copyOf("posting", more), /period 1 is closed/);
  await attack(books.owner, copyOf("posting", more), /period 1 is closed/);
  await attack(books.role, copyOf("posting_1", more), /permission denied/);
  await attack(books.owner, copyOf("posting_1", more), /period 1 is closed/);
  await attack(books.role, copyOf("statement", { account_id: "999999" }), /period 1 is closed/);
});

test("postings belong to a period that was opened, and there is no place for others", async () => {
  await attack(books.role, copyOf("posting", { period: "77" }), /no partition of relation/);
  await attack(books.role, copyOf("statement", { period: "77" }), /never opened/);
});

test("a closed period is not opened again, moved or removed", async () => {
  for (const sql of [books.role, books.owner]) {
    await attack(sql, "update period set closed_at = null where number = 1", /cannot be changed/);
    await attack(sql, "update period set closed_at = now() where number = 1", /cannot be changed/);
    await attack(sql, "update period set ends_at = ends_at + interval '1 day' where number = 2", /cannot be changed/);
    await attack(sql, "delete from period where number = 2", /cannot be changed/);
  }
  await attack(books.role, "truncate period", /permission denied/);
});

test("an event is booked once for ever, and a popug is paid once per period", async () => {
  const copy = (changes: object) =>
    `insert into posting select (jsonb_populate_record(t, '${JSON.stringify(changes)}')).* from posting t where period = 2 limit 1`;
  await attack(books.role, copy({}), /duplicate key/);
  const twice = `insert into posting
    select (jsonb_populate_record(null::posting, to_jsonb(p) || jsonb_build_object('kind', 'payout', 'position', n))).*
      from (select * from posting where period = 2 limit 1) p cross join generate_series(100000, 100001) n`;
  await attack(books.role, twice, /posting_2_period_user_id_idx/);
});

test("amounts are above zero, between two different accounts, of a known kind", async () => {
  const copy = (changes: object) =>
    `insert into posting select (jsonb_populate_record(t, '${JSON.stringify({ position: 888_888, ...changes })}')).*
       from posting t where period = 2 limit 1`;
  await attack(books.role, copy({ amount_minor: 0 }), /check constraint/);
  await attack(books.role, copy({ amount_minor: -5 }), /check constraint/);
  await attack(books.role, copy({ debit_account: 7, credit_account: 7 }), /check constraint/);
  await attack(books.role, copy({ kind: "gift" }), /check constraint/);
});

test("a statement that does not add up cannot be written", async () => {
  const insert = (figures: string) =>
    `insert into statement (period, account_id, user_id, opening_minor, credits_minor, debits_minor, payout_minor, closing_minor)
     values (2, 1000, gen_random_uuid(), ${figures})`;
  for (const figures of [
    "0, 10, 0, 0, 0",
    "0, 10, 0, 0, 10",
    "-5, 10, 0, 7, -2",
    "0, -1, 0, 0, -1",
    "0, 0, 0, -1, 1",
  ]) {
    await attack(books.role, insert(figures), /check constraint/);
  }
});

test("a period is opened only behind its predecessor, and never as something else than it was", async () => {
  const open = (n: number, day: string) =>
    `select open_period(${n}, '${day}', 1, 'x', now(), now() + interval '1 day', 'USD')`;
  await attack(books.role, open(9, "2027-01-01"), /cannot follow/);
  await attack(books.role, open(2, "2027-01-01"), /opened as something else/);
});

test("a posting that comes while its period is being closed waits for the close, and is refused", async () => {
  const team = company(books);
  const outcome: string[] = [];
  let rival: Promise<unknown> = Promise.resolve();
  await books.accounting.tools.transact("billing.close", "system:close", async ({ sql }) => {
    await sql("select 1 from period where number = 2 for update");
    const late = `insert into posting select (jsonb_populate_record(t, '{"position": 777777}')).* from posting t where period = 2 limit 1`;
    rival = books.role(late).then(
      () => outcome.push("slipped in"),
      (error: Error) => outcome.push(error.message),
    );
    // The rival stands at the lock; only then is the period shut.
    for (;;) {
      const waiting = await books.owner(
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%777777%'",
      );
      if (waiting.length > 0) break;
    }
    assert.deepEqual(outcome, []);
    await sql("update period set closed_at = now() where number = 2");
  });
  await rival;
  assert.equal(outcome.length, 1);
  assert.match(outcome[0] ?? "", /period 2 is closed/);
  assert(team);
});
