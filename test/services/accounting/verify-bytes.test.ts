import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { verifyBooks } from "../../../src/services/accounting/verify.ts";
import { type Books, openBooks } from "./books.ts";
import { bringBalances, giveUpDebt, returnPayout } from "./by-people.ts";
import { company, playDay } from "./company.ts";

let books: Books;
before(async () => {
  books = await openBooks();
  const team = company(books);
  await team.found();
  const people = Array.from({ length: 4 }, () => randomUUID());
  for (let day = 1; day <= 3; day++) {
    await playDay(team, people, 20);
    await books.settle();
    if (day === 1) await bringBalances(books);
    if (day === 2) await returnPayout(books, 1);
    if (day === 2) await giveUpDebt(books, people[0] as string);
    await team.end();
  }
  await books.settle();
  assert.deepEqual((await verifyBooks(books.owner)).findings, []);
});
after(() => books?.stop());

/** The smallest change that a value of each type can have. */
const smallest: Record<string, (column: string) => string> = {
  int2: (c) => `(${c} + 1) % 16`,
  int4: (c) => `${c} + 1`,
  int8: (c) => `${c} + 1`,
  text: (c) => `${c} || '.'`,
  uuid: (c) => `(left(${c}::text, 35) || case when right(${c}::text, 1) = '0' then '1' else '0' end)::uuid`,
  timestamptz: (c) => `${c} + interval '1 microsecond'`,
  bool: (c) => `not ${c}`,
  date: (c) => `${c} + 1`,
  // The next one, round and round.
  posting_source: (c) => `coalesce((select min(s) from unnest(enum_range(${c})) s where s > ${c}), enum_first(${c}))`,
};

/** Rows of past days whose every column is changed: what they are, where they stand, and how a finding names the place. */
const entry = (row: Row) =>
  `${row["period"]}-${row["source"]}-${row["epoch"]}-${row["partition"]}-${row["position"]}-${row["leg"]}`;
const statement = (row: Row) => `period ${row["period"]}, statement of ${row["user_id"]}`;
const rows = [
  { table: "posting", period: 1, which: "kind = 'fee'", place: entry },
  { table: "posting", period: 1, which: "kind = 'payout'", place: entry },
  { table: "posting", period: 1, which: "kind = 'fee-reversal'", place: entry },
  { table: "posting", period: 1, which: "kind = 'opening'", place: entry },
  { table: "posting", period: 1, which: "kind = 'opening-debt'", place: entry },
  { table: "posting", period: 2, which: "kind = 'payout-return'", place: entry },
  { table: "posting", period: 2, which: "kind = 'write-off'", place: entry },
  { table: "statement", period: 1, which: "payout_minor > 0", place: statement },
  { table: "statement", period: 1, which: "closing_minor < 0", place: statement },
];
type Row = Record<string, unknown>;
/** Of these columns the row is found under its place and, moved, under another one. */
const key = new Set(["period", "source", "epoch", "partition", "position", "leg", "user_id"]);

for (const { table, period, which, place } of rows) {
  test(`the smallest change of any column of a ${table} of a past day (${which}) is found, and where it is`, async () => {
    const columns = await books.owner<{ name: string; type: string }>(
      `select attname as name, t.typname as type from pg_attribute a join pg_type t on t.oid = a.atttypid
        where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
      [table],
    );
    const [some] = await books.owner(`select from ${table} where period = ${period} and ${which} limit 1`);
    assert(some, "there is none");
    for (const { name, type } of columns) {
      const [row] = await books.owner<Row>(
        `select * from ${table} where period = ${period} and ${which} and ${name} is not null order by user_id limit 1`,
      );
      // Not every line is of a task.
      if (row === undefined) continue;
      const change = smallest[type];
      assert(change, `no change for ${type}`);
      const found = await findingsAfter(
        `update ${table} set ${name} = ${change(name)} where ctid = (select ctid from ${table} where period = ${period} and ${which}
           and ${name} is not null order by user_id limit 1) and period = ${period}`,
      );
      // The unique key stands also where no trigger does.
      if (found === undefined) continue;
      const wanted = place(row);
      assert(found.length > 0, `${table}.${name} was changed and nothing found`);
      const named = found.some((finding) => finding.includes(wanted));
      assert(named || key.has(name), `${table}.${name}: ${wanted} is not among ${found.join("; ")}`);
    }
  });
}

/** What an owner can do: take every check away, too. */
const noRules = `do $$ declare rule record; begin
  for rule in select conrelid::regclass as of_table, conname from pg_constraint
               where conrelid in ('posting'::regclass, 'statement'::regclass) and contype = 'c'
  loop execute format('alter table %s drop constraint %I cascade', rule.of_table, rule.conname); end loop; end $$`;

/** What is found after a change that no trigger refuses, which is then taken back; undefined when it cannot be made. */
async function findingsAfter(change: string): Promise<string[] | undefined> {
  try {
    return await books.within([noRules, "set local session_replication_role = replica", change], async (sql) => {
      const { findings } = await verifyBooks(sql);
      return findings;
    });
  } catch (error) {
    if (/duplicate key/.test(String(error))) return undefined;
    throw error;
  }
}
