import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { requestRedrive } from "../../../src/platform/dead-letters.ts";
import { archivePeriod, restorePeriod } from "../../../src/services/accounting/archive.ts";
import { findAccount } from "../../../src/services/accounting/account-store.ts";
import { listArchivable } from "../../../src/services/accounting/archive-store.ts";
import { listDayRows } from "../../../src/services/accounting/day-store.ts";
import { verifyBooks } from "../../../src/services/accounting/verify.ts";
import { type Books, openBooks } from "./books.ts";
import { type Company, company, playDay } from "./company.ts";

let books: Books;
let folder: string;
let team: Company;
let lasting: string;
const patient = randomUUID();
const people = Array.from({ length: 4 }, () => randomUUID());
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "popug-archive-"));
  books = await openBooks();
  team = company(books);
  await team.found();
  lasting = await team.create(patient);
  for (let day = 1; day <= 3; day++) {
    await playDay(team, people, 20);
    await team.end();
  }
  await playDay(team, people, 6);
  await books.settle();
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await books?.stop();
});

const file = (period: number) => join(folder, `period-${period}.jsonl.gz`);
const archive = (period: number) => inTransaction((sql) => archivePeriod(sql, period, folder, new Date()));
const restore = (period: number) => inTransaction((sql) => restorePeriod(sql, period, folder));
const inTransaction: Books["kept"] = (work) => books.kept(work);
const findings = () => books.within([], async (sql) => (await verifyBooks(sql, folder)).findings);
const postings = (period: number) =>
  books.owner(
    `select period, source, epoch, partition, position, leg, kind, amount_minor, debit_account, credit_account, user_id, task_id,
            occurred_at, event_id from posting where period = $1 order by source, partition, epoch, position, leg`,
    [period],
  );
const partitions = async () =>
  (
    await books.owner<{ name: string }>(
      "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'posting'::regclass",
    )
  ).map(({ name }) => name);

test("an archived period is out of the database; balances, statements and totals of its days are as they were, and verify reads the file", async () => {
  const [popug] = people as [string];
  const asked = async () => ({
    account: await findAccount(books.role, popug),
    days: await listDayRows(books.role, {}, 10),
    statements: await books.owner("select * from statement order by period, account_id"),
    closings: await books.owner("select * from closing order by period"),
  });
  const before = await asked();
  for (const period of [1, 2]) await archive(period);
  assert.deepEqual((await partitions()).toSorted(), ["posting_3", "posting_4"]);
  assert.deepEqual(await postings(1), []);
  assert.deepEqual(await asked(), before);
  assert.deepEqual(await findings(), []);
});

test("a period that was restored is what it was before, and takes no row; archived again, its file has the same content", async () => {
  const original = await postings(3);
  const first = await archive(3);
  await restore(3);
  assert.deepEqual(await postings(3), original);
  const late =
    "insert into posting_3 select (jsonb_populate_record(p, '{\"position\": 99999}')).* from posting_3 p limit 1";
  await assert.rejects(books.owner(late), /period 3 is closed/);
  await assert.rejects(books.owner("delete from posting where period = 3"), /append-only/);
  assert.deepEqual(await findings(), []);
  assert.equal((await archive(3)).sha256, first.sha256);
  await restore(3);
});

test("one changed amount in an archive is found, and its entry named; such a file is not restored", async () => {
  const whole = await readFile(file(1));
  const lines = gunzipSync(whole).toString().split("\n");
  const index = lines.findIndex((line) => line.includes('"type":"fee"'));
  const { entryId, amountMinor } = JSON.parse(lines[index] as string) as { entryId: string; amountMinor: number };
  const dearer = (lines[index] as string).replace(`"amountMinor":${amountMinor}`, `"amountMinor":${amountMinor + 1}`);
  await writeFile(file(1), gzipSync(lines.with(index, dearer).join("\n")));
  const found = await findings();
  assert(found.includes("period 1: its archive period-1.jsonl.gz is not what was archived"), found.join("\n"));
  assert(
    found.includes(`posting ${entryId}: amount is ${amountMinor + 1}, it should be ${amountMinor}`),
    found.join("\n"),
  );
  await assert.rejects(restore(1), /is not what was archived/);
  const nowhere = (lines[index] as string).replace('"source":"tasks"', '"source":"task"');
  await writeFile(file(1), gzipSync(lines.with(index, nowhere).join("\n")));
  assert.match((await findings()).join("\n"), /its archive period-1\.jsonl\.gz cannot be read: .*"task"/);
  await writeFile(file(1), whole.subarray(0, whole.length - 20));
  assert.match((await findings()).join("\n"), /its archive period-1\.jsonl\.gz cannot be read/);
  rmSync(file(1));
  assert.match((await findings()).join("\n"), /cannot be read: ENOENT/);
  await writeFile(file(1), whole);
  assert.deepEqual(await findings(), []);
});

test("a period that is open, whose check found something, or whose books do not fit is not archived", async () => {
  // Its payouts may wait: they are told and moved from the statements.
  assert.deepEqual(await listArchivable(books.owner, "2100-01-01"), [3]);
  await assert.rejects(archive(4), /period 4 is not archived: /);
  const changed = [
    "set local session_replication_role = replica",
    "update posting set amount_minor = amount_minor + 1 where period = 3 and kind = 'fee'",
  ];
  await assert.rejects(
    books.within(changed, (sql) => archivePeriod(sql, 3, folder, new Date())),
    /period 3 is not archived: the statement/,
  );
  assert((await partitions()).includes("posting_3"));
});

test("a fee whose period is archived does not stay away silently: its cancellation waits as a dead letter, and gives it back once the period is restored", async () => {
  const money = () =>
    books.owner<{ kind: string; amount: number; period: number }>(
      "select kind, amount_minor as amount, period from posting where task_id = $1 order by period, position",
      [lasting],
    );
  assert.deepEqual(await money(), []);
  const here = await team.create(patient);
  await team.change(here, patient, "cancelled");
  await team.change(lasting, patient, "cancelled");
  await books.settle();
  const letters = await books.owner<{ id: string; key: string; reason: string; status: string }>(
    "select id, key, reason, status from dead_letter",
  );
  const [letter] = letters;
  assert(letter && letters.length === 1);
  assert.deepEqual(
    [letter.key, letter.status, letter.reason],
    [
      lasting,
      "dead",
      "the fee to give back was charged in period 1, which is archived (period-1.jsonl.gz): restore it first",
    ],
  );
  await requestRedrive(books.role, letter.id, "user:accountant", undefined);
  await books.settle();
  assert.deepEqual(await money(), []);
  await restore(1);
  await requestRedrive(books.role, letter.id, "user:accountant", undefined);
  await books.settle();
  const [fee, back] = await money();
  assert.deepEqual([fee?.kind, fee?.period], ["fee", 1]);
  assert.deepEqual(back, { kind: "fee-reversal", amount: fee?.amount, period: 4 });
  assert.deepEqual(await findings(), []);
});

test("postings that somebody dropped without archiving them are missed", async () => {
  const found = await books.within(["drop table posting_4"], async (sql) => (await verifyBooks(sql, folder)).findings);
  assert(found.includes("period 4: its postings are gone, and were never archived"), found.join("\n"));
});
