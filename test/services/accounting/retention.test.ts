/** Old segments of the logs go when nobody needs them, and not before; the books are verified from what is kept. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import pg from "pg";
import { checkLogs } from "../../../src/app/cli/check-logs.ts";
import { homesOf } from "../../../src/app/homes.ts";
import { type Shortened, shortenLogs } from "../../../src/app/retention.ts";
import { REBUILD_LOCK } from "../../../src/platform/rebuild.ts";
import { runService } from "../../../src/platform/run-service.ts";
import type { Service } from "../../../src/platform/service.ts";
import { connectionOf } from "../../../src/platform/migrate.ts";
import { archivePeriod } from "../../../src/services/accounting/archive.ts";
import { verifyBooks } from "../../../src/services/accounting/verify.ts";
import { pino } from "pino";
import { until } from "../../kit/until.ts";
import { type Books, openBooks } from "./books.ts";
import { company, playDay } from "./company.ts";

const DAYS = 30;
const CLOSED = 5;
/** Positions of a segment: each partition has a few segments by then. */
const SEGMENT = 8;
let books: Books;
let team: ReturnType<typeof company>;
const people = Array.from({ length: 5 }, () => randomUUID());
before(async () => {
  books = await openBooks({ segmentSize: SEGMENT });
  team = company(books);
  await team.found();
  for (let day = 1; day <= CLOSED; day++) {
    await playDay(team, people, 60);
    await team.end();
    await books.settle();
  }
  await playDay(team, people, 10);
  await books.settle();
});
after(() => books?.stop());

/** What an owner can do who switches the rules of the tables off. */
const byHand = (statement: string) =>
  books.owner(`do $$ begin perform set_config('session_replication_role', 'replica', true); ${statement}; end $$`);
const one = async <Row>(text: string): Promise<Row> => {
  const [row] = await books.owner<Row>(text);
  assert(row, text);
  return row;
};
const home = () => books.installation.admin;
const ownerOf = () => books.owner;
const shorten = (services: readonly Service[] = books.services) =>
  shortenLogs(homesOf(services, home, books.installation), DAYS);
const whyKept = ({ kept }: Shortened, source: string) => kept.find((why) => why.startsWith(`${source},`));
const assertOldestKept = (shortened: Shortened, source: string, why: RegExp) => {
  assert(!shortened.dropped.some((segment) => segment.startsWith(`${source} `)), `${shortened.dropped}`);
  assert.match(whyKept(shortened, source) ?? "", why);
};
/** With the statement done, the oldest segment of the log of tasks stays for this reason; then it is undone. */
async function keptWhile(statement: string, undo: string, why: RegExp): Promise<void> {
  await byHand(statement);
  try {
    assertOldestKept(await shorten(), "tasks", why);
  } finally {
    await byHand(undo);
  }
}

test("a segment that is not full in every partition stays", async () => {
  await books.owner("update accounting.log set logged_at = logged_at - interval '31 days'");
  const { position } = await one<{ position: number }>("select position from log_head where partition = 4");
  // Nobody reads this log here: nothing else keeps its oldest segment. It takes a last event in this partition still.
  await byHand(`update log_head set position = ${SEGMENT - 2} where partition = 4`);
  assertOldestKept(await shorten(), "accounting", /segment 0: it is not full in every partition/);
  await byHand(`update log_head set position = ${position} where partition = 4`);
  await books.owner("update accounting.log set logged_at = logged_at + interval '31 days'");
});

test("what is younger than the setting stays", async () => {
  const shortened = await shorten();
  assert.deepEqual(shortened.dropped, []);
  assertOldestKept(shortened, "tasks", /holds events of the last 30 days/);
  assertOldestKept(shortened, "auth", /not full in every partition/);
  await books.owner("update tasks.log set logged_at = logged_at - interval '29 days'");
  assertOldestKept(await shorten(), "tasks", /holds events of the last 30 days/);
  await books.owner("update tasks.log set logged_at = logged_at - interval '2 days'");
  // One event is enough.
  await keptWhile(
    "update tasks.log set logged_at = logged_at + interval '2 days' where partition = 3 and position = 5",
    "update tasks.log set logged_at = logged_at - interval '2 days' where partition = 3 and position = 5",
    /holds events of the last 30 days/,
  );
});

test("what one consumer has not read in one partition stays", async () => {
  const cursor = "cursor where consumer = 'on-task' and partition = 7";
  const { position } = await one<{ position: number }>(`select position from ${cursor}`);
  await keptWhile(
    "update cursor set position = 7 where consumer = 'on-task' and partition = 7",
    `update cursor set position = ${position} where consumer = 'on-task' and partition = 7`,
    /on-task of accounting has not read past it in every partition/,
  );
  const declared = books.services.map((service) => {
    const [first] = service.consumers.filter(({ source }) => source === "tasks");
    return first ? { ...service, consumers: [...service.consumers, { ...first, name: "on-task-anew" }] } : service;
  });
  assertOldestKept(await shorten(declared), "tasks", /on-task-anew of accounting has not read past it/);
  await keptWhile(
    "insert into tasks.cursor select ''of-old'', ''tasks'', n, 1, 3 from generate_series(0, 15) n".replaceAll(
      "''",
      "'",
    ),
    "delete from tasks.cursor",
    /of-old of tasks has not read past it/,
  );
});

test("what is a dead letter of anybody, or waits behind one, stays", async () => {
  for (const status of ["dead", "deferred", "parked"]) {
    await keptWhile(
      `insert into auth.dead_letter (id, consumer, source, partition, position, epoch, key, type, event_id, status, reason, event)
       values (gen_random_uuid(), 'on-x', 'tasks', 2, 7, 1, 'x', 'x', gen_random_uuid(), '${status}', 'x', '{}')`,
      "delete from auth.dead_letter",
      /1 of its events are dead letters of auth/,
    );
  }
});

test("what verify begins with stays: the newest period up to which every check has passed", async () => {
  const failed = (period: number) => `update close_check set ok = false where period = ${period}`;
  const passed = (period: number) => `update close_check set ok = true where period = ${period}`;
  await keptWhile(failed(1), passed(1), /no period is closed and checked/);
  await keptWhile(failed(2), passed(2), /holds events of period 1, where verify begins, or later/);
  await keptWhile(
    "create table kept as select * from close_check; delete from close_check",
    "insert into close_check select * from kept; drop table kept",
    /no period is closed and checked/,
  );
});

test("what carries no period goes by its time: it stays when it is not older than the period where verify begins", async () => {
  const place = "partition = 3 and position = 5";
  const { time, period } = await one<{ time: Date; period: number }>(
    `select time, period from tasks.log where ${place}`,
  );
  await keptWhile(
    `update tasks.log set period = null, time = (select began_at from period where number = ${CLOSED}) where ${place}`,
    `update tasks.log set period = ${period}, time = '${time.toISOString()}' where ${place}`,
    /holds events of period 5, where verify begins, or later/,
  );
});

test("what a rebuild reads stays", async () => {
  const client = new pg.Client(books.installation.admin);
  await client.connect();
  await client.query("select pg_advisory_lock($1)", [REBUILD_LOCK]);
  assertOldestKept(await shorten(), "tasks", /a rebuild reads it/);
  await client.end();
});

test("while a segment goes, no cursor moves; who holds it or a cursor keeps it, and is not waited for longer than two seconds", async () => {
  const shortened = await books.within(["lock table tasks.log_0 in access share mode"], async () => {
    const shortening = shorten();
    await until(
      async () =>
        (await books.owner("select from pg_locks where relation = 'tasks.log_0'::regclass and not granted"))[0],
      { withinMs: 10_000, everyMs: 5, late: () => "nothing waits for the reader" },
    );
    await assert.rejects(
      books.role("select from cursor where source = 'tasks' for update nowait"),
      /could not obtain lock/,
    );
    return shortening;
  });
  assertOldestKept(shortened, "tasks", /somebody is reading it/);
  const passed = await books.within(["select from cursor where source = 'tasks' for update"], () => shorten());
  assertOldestKept(passed, "tasks", /or on the way past it/);
  assert.deepEqual(
    await one("select begins_at as at, (select count(*) from tasks.log_dropped) as left from tasks.log_source"),
    { at: 0, left: 0 },
  );
});

test("books whose logs are whole are verified from the events alone", async () => {
  const verdict = await verifyBooks(books.owner);
  assert.deepEqual([verdict.findings, verdict.notRecomputed], [[], []]);
  assert(verdict.periods.every((period) => period.fromEvents));
});

test("what nobody needs goes, and verify says what it could not compute from events any more", async () => {
  await books.owner("update accounting.log set logged_at = logged_at - interval '31 days'");
  const { dropped, kept } = await shorten();
  assert(dropped.includes("tasks 0") && dropped.includes("accounting 0"), `${dropped}, ${kept.join("; ")}`);
  const { oldest, kept: whole } = await one<{ oldest: number; kept: number }>(
    `select min(period) as oldest, count(distinct partition) filter (where period = ${CLOSED}) as kept from tasks.log`,
  );
  assert(oldest >= 1 && whole === 16, "the period where verify begins is there");
  assert.match(whyKept({ dropped, kept }, "tasks") ?? "", /not full|period 5, where verify begins/);

  const verdict = await verifyBooks(books.owner);
  assert.deepEqual(verdict.findings, []);
  const [first, ...rest] = verdict.periods.map((period) => period.fromEvents);
  assert.equal(first, false);
  assert.deepEqual(rest.slice(-2), [true, true], "the newest checked period and the open one");
  assert(verdict.periods.every(({ ok }) => ok));
  const [events, ...others] = verdict.notRecomputed;
  assert.match(
    events ?? "",
    /^periods 1 to \d from events, only from postings.*the log of tasks begins at position \d+$/,
  );
  assert.match(others.join("\n"), /\d+ prices one by one.*the log of accounting begins at position \d+/);
  assert.deepEqual((await checkLogs(["auth", "tasks", "accounting"], ownerOf, ownerOf)).findings, []);
});

test("a change by hand is found, before the beginning of the logs and behind it", async () => {
  const ofPeriod = async (period: number): Promise<[change: string, undo: string, found: RegExp][]> => {
    const { partition, position } = await one<{ partition: number; position: number }>(
      `select partition, position from posting where period = ${period} and kind = 'fee' limit 1`,
    );
    const change = (set: string) =>
      `update posting set ${set} where period = ${period} and source = 'tasks' and partition = ${partition} and position = ${position}`;
    const place = `posting ${period}-tasks-1-${partition}-${position}-0`;
    const paid = (sign: string) =>
      `update statement set credits_minor = credits_minor ${sign} 1, payout_minor = payout_minor ${sign} 1
        where period = ${period} and payout_minor > 0`;
    const seal = `update closing set seal = reverse(seal) where period = ${period}`;
    const head = `update block_head set head = reverse(head) where period = ${period} and lines > 0`;
    return [
      [
        change("amount_minor = amount_minor + 1"),
        change("amount_minor = amount_minor - 1"),
        new RegExp(`${place}: amount is`),
      ],
      [
        change("occurred_at = occurred_at + interval '1 ms'"),
        change("occurred_at = occurred_at - interval '1 ms'"),
        period === 1 ? /period 1, partition \d+: another block head/ : new RegExp(`${place}: occurredAt is`),
      ],
      [
        change("credit_account = credit_account + 1"),
        change("credit_account = credit_account - 1"),
        new RegExp(`${place}: credit is`),
      ],
      [paid("+"), paid("-"), new RegExp(`period ${period}, statement of \\S+: credits_minor is`)],
      [seal, seal, new RegExp(`period ${period}: seal is`)],
      [head, head, new RegExp(`period ${period}, partition \\d+: another block head`)],
    ];
  };
  const event = await one<{ partition: number; position: number }>(
    "select partition, position from tasks.log where period = 5 and data->>'change' = 'assigned' limit 1",
  );
  const told = (change: string) =>
    `update tasks.log set data = jsonb_set(data, '{change}', '"${change}"') where partition = ${event.partition} and position = ${event.position}`;
  const { task } = await one<{ task: string }>(
    `select task_id as task from posting where period = 1 and kind = 'fee'
       and task_id::text not in (select data->>'taskId' from accounting.log where type = 'task.priced') limit 1`,
  );
  const price = (sign: string) => `update price set reward_minor = reward_minor ${sign} 1 where task_id = '${task}'`;
  const { last } = await one<{ last: number }>("select position as last from tasks.log_head where partition = 9");
  const key = "period, source, partition, position";
  // What stands in front of the log is noted only.
  const kept = "period = 4 and event_id in (select id from tasks.log)";
  const cases: [change: string, undo: string, found: RegExp][] = [
    ...(await ofPeriod(1)),
    ...(await ofPeriod(5)),
    [
      `create table gone as select * from posting where period = 1 and kind = 'reward' limit 1;
       delete from posting where (${key}) in (select ${key} from gone)`,
      "insert into posting select * from gone; drop table gone",
      /period 1, partition \d+: \d+ lines are hashed, not \d+/,
    ],
    [price("+"), price("-"), /left another checksum in the log of accounting/],
    [told("edited"), told("assigned"), /posting 5-tasks-\S+ is additional/],
    [
      `update barrier set position = position - 1 where ${kept}`,
      "update barrier b set position = l.position from tasks.log l where l.id = b.event_id",
      /period 4, partition \d+: its barrier is noted|period 5, partition \d+: .*(carries period|hole|another period)/,
    ],
    [
      `update tasks.log_source set begins_at = begins_at + ${SEGMENT}`,
      `update tasks.log_source set begins_at = begins_at - ${SEGMENT}`,
      /the oldest event is \d+, it should be \d+/,
    ],
    [
      `update tasks.log set partition = 100 where partition = 9 and position = ${last}`,
      "update tasks.log set partition = 9 where partition = 100",
      /partition 9: the newest event is/,
    ],
  ];
  for (const [change, undo, found] of cases) {
    await byHand(change);
    const { findings } = await verifyBooks(books.owner);
    const logs = await checkLogs(["tasks", "accounting"], ownerOf, ownerOf);
    await byHand(undo);
    assert.match([...findings, ...logs.findings].join("\n"), found, change);
  }
  assert.deepEqual((await verifyBooks(books.owner)).findings, []);
});

test("a consumer that stands in front of the log stops and says so, and goes on when it stands in it again", async () => {
  const { position } = await one<{ position: number }>(
    "select position from cursor where consumer = 'on-task' and partition = 1",
  );
  const postings = () => books.owner("select * from posting order by period, source, partition, position, leg");
  const before = await postings();
  const copy = await books.another();
  const pass = copy.parts.get("consumer:on-task") ?? assert.fail();
  await books.owner("update cursor set position = 3 where consumer = 'on-task' and partition = 1");
  await assert.rejects(pass, /on-task has read up to 3 in partition 1 of tasks, but its log begins at \d+/);
  const halted = copy.consumers().find(({ consumer }) => consumer === "on-task")?.halted;
  assert.match(halted ?? "", /so that nothing is skipped/);
  assert.deepEqual(await postings(), before);
  await books.owner("update cursor set position = $1 where consumer = 'on-task' and partition = 1", [position]);
  await pass();
  assert.equal(copy.consumers().find(({ consumer }) => consumer === "on-task")?.halted, null);
  await copy.stop();
});

test("a consumer that is new stops, too: it is nowhere told that it has missed nothing", async () => {
  const accounting = books.services.find(({ name }) => name === "accounting") ?? assert.fail();
  const onTask = accounting.consumers.find(({ name }) => name === "on-task") ?? assert.fail();
  const handled: unknown[] = [];
  const anew = {
    ...onTask,
    name: "on-task-anew",
    handle: async (_: unknown, events: unknown[]) => void handled.push(...events),
  };
  const running = runService(
    { ...accounting, consumers: [anew], jobs: [] },
    {
      connection: connectionOf(books.installation, "accounting"),
      poolSize: 2,
      log: pino({ level: "silent" }),
      contracts: books.services.flatMap((service) => service.publishes),
    },
  );
  await assert.rejects(
    running.parts.get("consumer:on-task-anew") ?? assert.fail(),
    /on-task-anew has read up to 0 in partition 0 of tasks, but its log begins at/,
  );
  assert.deepEqual(handled, []);
  await running.stop();
  await books.owner("delete from cursor where consumer = 'on-task-anew'");
});

test("the company goes on, its next day is closed, verified, and lets go of the next segments", async () => {
  await playDay(team, people, 60);
  await team.end();
  await playDay(team, people, 60);
  await team.end();
  await playDay(team, people, 60);
  await books.settle();
  const before = await one<{ at: number }>("select begins_at as at from tasks.log_source");
  for (const source of ["tasks", "accounting"])
    await books.owner(`update ${source}.log set logged_at = logged_at - interval '31 days'`);
  const { dropped, kept } = await shorten();
  assert(
    dropped.some((segment) => segment.startsWith("tasks ")),
    kept.join("; "),
  );
  const verdict = await verifyBooks(books.owner);
  assert.deepEqual(verdict.findings, []);
  assert.equal(verdict.periods.filter(({ closed }) => closed).length, CLOSED + 2);
  assert((await one<{ at: number }>("select begins_at as at from tasks.log_source")).at > before.at);
});

test("a period that is archived and whose events are gone is verified from its file, and one changed byte of that is found", async () => {
  const folder = await mkdtemp(join(tmpdir(), "popug-archive-"));
  try {
    // Once before the beginning of the log, once behind it.
    for (const period of [1, CLOSED]) await books.kept((sql) => archivePeriod(sql, period, folder, new Date()));
    const findings = () => books.within([], async (sql) => (await verifyBooks(sql, folder)).findings.join("\n"));
    assert.equal(await findings(), "");
    for (const period of [1, CLOSED]) {
      const file = join(folder, `period-${period}.jsonl.gz`);
      const whole = await readFile(file);
      const text = gunzipSync(whole);
      // The last digit in the amount of a fee, so that the file can be read still.
      const amount = text.indexOf('"amountMinor":', text.indexOf('"type":"fee"'));
      const digit = text.indexOf(",", amount) - 1;
      text[digit] = (text[digit] ?? 0) ^ 1;
      await writeFile(file, gzipSync(text));
      const found = await findings();
      await writeFile(file, whole);
      assert.match(
        found,
        new RegExp(`period ${period}: its archive period-${period}.jsonl.gz is not what was archived`),
      );
      assert.match(found, new RegExp(`posting ${period}-tasks-\\S+: amount is \\d+, it should be \\d+`));
    }
    assert.equal(await findings(), "");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
