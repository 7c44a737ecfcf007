import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { verifyBooks } from "../../../src/services/accounting/verify.ts";
import { type Books, openBooks } from "./books.ts";
import { company, playDay } from "./company.ts";

const rest = { currency: "USD", timeZone: "Europe/Berlin", closesAt: "00:00" };
let books: Books;
before(async () => {
  books = await openBooks();
  const team = company(books);
  await team.found();
  const people = Array.from({ length: 5 }, () => randomUUID());
  for (let day = 1; day <= 2; day++) {
    await playDay(team, people, 30);
    team.set({ ...rest, feeRange: { from: 12, to: 13 }, rewardRange: { from: 20, to: 21 } });
    await team.end();
  }
  await playDay(team, people, 10);
  await books.settle();
});
after(() => books?.stop());

/** What an owner can do who switches the rules of the tables off. */
const byHand = (statement: string) =>
  books.owner(`do $$ begin perform set_config('session_replication_role', 'replica', true); ${statement}; end $$`);

/** Changes something, looks what is found, and puts it back. */
async function findingsAfter(change: string, undo: string): Promise<string> {
  await byHand(change);
  const { ok, findings } = await verifyBooks(books.owner);
  await byHand(undo);
  assert.equal(ok, findings.length === 0);
  return findings.join("\n");
}

const one = async <Row>(text: string): Promise<Row> => {
  const [row] = await books.owner<Row>(text);
  assert(row, text);
  return row;
};

test("books that nobody touched are found in order", async () => {
  const verdict = await verifyBooks(books.owner);
  assert.deepEqual(verdict.findings, []);
  assert.deepEqual(
    verdict.periods.map(({ closed, ok }) => [closed, ok]),
    [
      [true, true],
      [true, true],
      [false, true],
    ],
  );
});

test("one changed amount of a posting is found, and its entry named", async () => {
  const row = await one<{ partition: number; position: number }>(
    "select partition, position from posting where period = 1 and source = 'tasks' order by position limit 1",
  );
  const where = `period = 1 and source = 'tasks' and partition = ${row.partition} and position = ${row.position}`;
  const found = await findingsAfter(
    `update posting set amount_minor = amount_minor + 1 where ${where}`,
    `update posting set amount_minor = amount_minor - 1 where ${where}`,
  );
  assert.match(
    found,
    new RegExp(`posting 1-tasks-1-${row.partition}-${row.position}-0: amount is \\d+, it should be \\d+`),
  );
});

test("any other changed column of a posting is found", async () => {
  const changes: Record<string, [string, string]> = {
    kind: ["kind = 'reward'", "kind = 'fee'"],
    occurredAt: ["occurred_at = occurred_at + interval '1 ms'", "occurred_at = occurred_at - interval '1 ms'"],
    debit: ["debit_account = debit_account + 5000", "debit_account = debit_account - 5000"],
    credit: ["credit_account = credit_account + 1", "credit_account = credit_account - 1"],
  };
  const row = await one<{ position: number; partition: number }>(
    "select position, partition from posting where period = 2 and kind = 'fee' order by partition, position limit 1",
  );
  const where = `period = 2 and source = 'tasks' and position = ${row.position} and partition = ${row.partition}`;
  for (const [field, [change, undo]] of Object.entries(changes)) {
    const found = await findingsAfter(
      `update posting set ${change} where ${where}`,
      `update posting set ${undo} where ${where}`,
    );
    assert.match(found, new RegExp(`posting 2-tasks-1-${row.partition}-${row.position}-0: ${field} is`));
  }
});

test("a missing posting and an additional one are found", async () => {
  await books.owner("create table kept as select * from posting where period = 1 and kind = 'reward' limit 1");
  const key = "(position, partition, period) in (select position, partition, period from kept)";
  const missing = await findingsAfter(
    `delete from posting where ${key} and source = 'tasks'`,
    "insert into posting select * from kept",
  );
  assert.match(missing, /posting 1-tasks-\S+ is missing \(reward of \d+ for/);
  const additional = await findingsAfter(
    "insert into posting select (jsonb_populate_record(k, '{\"leg\": 7}')).* from kept k",
    "delete from posting where leg = 7",
  );
  assert.match(additional, /posting 1-tasks-\S+-7 is additional/);
  const early = await findingsAfter(
    `insert into posting select (jsonb_populate_record(k, jsonb_build_object('source', 'accounting', 'period', number))).*
       from kept k, (select max(number) as number from period) open`,
    "delete from posting where source = 'accounting' and kind = 'reward'",
  );
  assert.match(early, /period \d+: 1 postings belong to nothing/);
  const nobodys = 'insert into posting select (jsonb_populate_record(k, \'{"source": "nobody"}\')).* from kept k';
  await assert.rejects(books.owner(nobodys), /invalid input value for enum posting_source: "nobody"/);
  // What an owner can do.
  await books.owner("alter type posting_source add value 'nobody'");
  const foreign = await findingsAfter(nobodys, "delete from posting where source = 'nobody'");
  assert.match(foreign, /period 1: 1 postings belong to nothing/);
});

test("a changed payout, statement, balance, price, total or seal is found, and what should stand there is said", async () => {
  const cases: [change: string, undo: string, found: RegExp][] = [
    [
      "update posting set amount_minor = amount_minor + 1 where kind = 'payout' and period = 1",
      "update posting set amount_minor = amount_minor - 1 where kind = 'payout' and period = 1",
      /posting 1-accounting-0-\d+-1-0: amount is/,
    ],
    [
      "update statement set credits_minor = credits_minor + 1, payout_minor = payout_minor + 1 where period = 1 and payout_minor > 0",
      "update statement set credits_minor = credits_minor - 1, payout_minor = payout_minor - 1 where period = 1 and payout_minor > 0",
      /period 1, statement of \S+: payout_minor is \d+, it should be/,
    ],
    [
      "update balance set credits_minor = credits_minor + 1 where period = 3 and account_id = (select min(account_id) from balance where period = 3)",
      "update balance set credits_minor = credits_minor - 1 where period = 3 and account_id = (select min(account_id) from balance where period = 3)",
      /period 3, balance of .*: \d+ debited and \d+ credited, it should be/,
    ],
    [
      "update price set fee_minor = fee_minor + 1",
      "update price set fee_minor = fee_minor - 1",
      /the price of task \S+ is not the one that was published/,
    ],
    [
      "update period set settings = jsonb_set(settings, '{feeRange,from}', '11') where number = 2",
      "update period set settings = jsonb_set(settings, '{feeRange,from}', '12') where number = 2",
      /^period 2 is not what the end of the one before says/,
    ],
    [
      "update period set settings = jsonb_set(settings, '{rewardRange,to}', '19') where number = 3",
      "update period set settings = jsonb_set(settings, '{rewardRange,to}', '21') where number = 3",
      /the price of task \S+ is not within what was set in period 3/,
    ],
    [
      "update period set ends_at = ends_at + interval '1 s' where number = 2",
      "update period set ends_at = ends_at - interval '1 s' where number = 2",
      /^period 2 is not what the end of the one before says/,
    ],
    [
      "update closing set fees_minor = fees_minor + 1, earned_minor = earned_minor + 1 where period = 2",
      "update closing set fees_minor = fees_minor - 1, earned_minor = earned_minor - 1 where period = 2",
      /period 2: fees_minor is \d+, it should be/,
    ],
    [
      "update closing set seal = translate(seal, '0123456789abcdef', '123456789abcdef0') where period = 1",
      "update closing set seal = translate(seal, '123456789abcdef0', '0123456789abcdef') where period = 1",
      /period 1: seal is \w+, it should be/,
    ],
    [
      "update block_head set head = reverse(head) where period = 2 and partition = (select min(partition) from block_head where period = 2)",
      "update block_head set head = reverse(head) where period = 2 and partition = (select min(partition) from block_head where period = 2)",
      /period 2, partition \d+: another block head/,
    ],
  ];
  for (const [change, undo, found] of cases) assert.match(await findingsAfter(change, undo), found, change);
});

test("an event that was changed in the log of tasks is found by the control totals or by what was booked from it", async () => {
  const row = await one<{ partition: number; position: number }>(
    "select partition, position from tasks.log where type = 'task.updated' and data->>'change' = 'assigned' and period = 2 limit 1",
  );
  const where = `partition = ${row.partition} and position = ${row.position}`;
  const changed = (change: string) =>
    `update tasks.log set data = jsonb_set(data, ''{change}'', ''"${change}"'') where ${where}`.replaceAll("''", "'");
  assert.match(await findingsAfter(changed("edited"), changed("assigned")), /is additional/);
  const renamed = await findingsAfter(
    `update tasks.log set type = 'task.forgotten' where ${where}`,
    `update tasks.log set type = 'task.updated' where ${where}`,
  );
  assert.match(renamed, /its barrier says/);
});

test("after all attacks were undone the books are in order again", async () => {
  assert.deepEqual((await verifyBooks(books.owner)).findings, []);
});
