/**
 * A year of days beside a single day, in turn: the queries of today, booking and the close must not know the difference.
 * 30 days have a million postings each, the 335 others one in a hundred of that (made by SQL, not by events).
 */
import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { findAccount, listAccountRows } from "../src/services/accounting/account-store.ts";
import { listDayRows } from "../src/services/accounting/day-store.ts";
import { listEntryRows } from "../src/services/accounting/entry-store.ts";
import { listAccountLines, loadStanding } from "../src/services/accounting/overview-store.ts";
import type { Sql } from "../src/platform/service.ts";
import { drain, type Ground, openGround, sayTasks } from "./ledger-ground.ts";
import type { Measure } from "./measure.ts";

const ACCOUNTS = 10_000;
/** Postings of a busy day; less where the machine is too small for 33 million. */
const BUSY = Number(process.env["POPUG_BENCH_YEAR_POSTINGS"] ?? 1_000_000);
const DAYS = 365;
const TASKS = 10_000;
const ROUNDS = 15;
const CLOSES = 5;
/** What a posting takes at most, indexes and write-ahead log included. */
const BYTES = 900;

type Built = { ground: Ground; today: number };

export const ledgerYear: Measure = {
  name: "year",
  runs: 1,
  run: async () => {
    const needed = (30 * BUSY + 335 * (BUSY / 100)) * BYTES;
    const { bavail, bsize } = statfsSync(tmpdir());
    if (bavail * bsize < needed) throw new Error(`${Math.ceil(needed / 2 ** 30)} GiB of disk are needed for a year`);
    const begin = performance.now();
    const year = await build(DAYS);
    const building = (performance.now() - begin) / 1_000;
    const day = await build(1);
    try {
      const figures: Record<string, number> = { "making the year, s": building };
      for (const [name, ask] of Object.entries(questions)) {
        const took = { year: [] as number[], day: [] as number[] };
        const [popugOfYear, popugOfDay] = [await somePopug(year), await somePopug(day)];
        for (let round = 0; round < ROUNDS; round++) {
          took.year.push(await ms(() => ask(year, popugOfYear)));
          took.day.push(await ms(() => ask(day, popugOfDay)));
        }
        figures[`${name}: after a year, ms`] = median(took.year);
        figures[`${name}: after a day, ms`] = median(took.day);
      }
      for (const [name, built] of Object.entries({ year, day })) {
        await sayTasks(built.ground, { period: built.today, tasks: TASKS, popugs: ACCOUNTS });
        const took = await ms(() => drain(built.ground.accounting, "consumer:on-task"));
        figures[`booking after a ${name}, events per s`] = (3 * TASKS) / (took / 1_000);
      }
      const closes = { year: [] as number[], day: [] as number[] };
      for (let round = 0; round < CLOSES; round++) {
        closes.year.push(await closeOne(year, round));
        closes.day.push(await closeOne(day, round));
      }
      figures["close after a year, s"] = median(closes.year);
      figures["close after a day, s"] = median(closes.day);
      const [row] = await year.ground.owner<{ n: number; bytes: number }>(
        `select (select sum(reltuples)::bigint from pg_class where relname ~ '^posting_\\d+$') as n,
                pg_database_size(current_database()) as bytes`,
      );
      return {
        ...figures,
        "postings of the year": row?.n ?? 0,
        "database of the year, GiB": (row?.bytes ?? 0) / 2 ** 30,
      };
    } finally {
      await year.ground.stop();
      await day.ground.stop();
    }
  },
};

/** Seconds for the close of today, the busy one, or of so many days later, each with a few tasks for everybody. */
async function closeOne({ ground, today }: Built, daysLater: number): Promise<number> {
  const period = today + daysLater;
  if (daysLater > 0) await sayTasks(ground, { period, tasks: TASKS, popugs: ACCOUNTS });
  await ground.end(period);
  await drain(ground.accounting, "consumer:on-task");
  const took = await ms(() => drain(ground.accounting, "job:close"));
  const [closed] = await ground.owner("select 1 from closing where period = $1", [period]);
  if (closed === undefined) throw new Error("the period was not closed");
  return took / 1_000;
}

/** What people and pages ask today. */
const questions: Record<string, (built: Built, popug: string) => Promise<unknown>> = {
  "one's account": ({ ground }, popug) => findAccount(ground.accounting.sql, popug),
  "one's entries of today": ({ ground, today }, popug) =>
    listEntryRows(ground.accounting.sql, { userId: popug, period: today }, null, 51),
  "one's entries, the newest": ({ ground }, popug) => listEntryRows(ground.accounting.sql, { userId: popug }, null, 51),
  "everybody's entries, the newest": ({ ground }) => listEntryRows(ground.accounting.sql, {}, null, 51),
  "a page of accounts": ({ ground }) => listAccountRows(ground.accounting.sql, null, 51),
  "accounts by balance": ({ ground }) =>
    listAccountLines(ground.accounting.sql, { order: "balance", negative: false, named: undefined }, 0, 51, 14),
  "the company at this hour": ({ ground }) => loadStanding(ground.accounting.sql),
  "the last days": ({ ground }) => listDayRows(ground.accounting.sql, {}, 14),
};

/** Books of so many days, the last one open and busy; every twelfth of the others is a busy one. */
async function build(days: number): Promise<Built> {
  const ground = await openGround();
  const { owner } = ground;
  for (let period = 0; period < days; period++) await ground.end(period);
  await drain(ground.accounting, "consumer:on-task");
  // As if booked and closed: what triggers would refuse is made without them, for this session only.
  await owner("set session_replication_role = replica");
  await owner("set maintenance_work_mem = '256MB'");
  await owner("set synchronous_commit = off");
  await owner(
    `insert into account (kind, user_id, partition) select 'popug', gen_random_uuid(), i % 16 from generate_series(1, $1::int) i`,
    [ACCOUNTS],
  );
  for (let period = 1; period <= days; period++) {
    await fillDay(owner, period, period === days || period % 12 === 0 ? BUSY : BUSY / 100);
  }
  await closeDays(owner, days);
  await owner("set session_replication_role = origin");
  await owner("vacuum (analyze)");
  return { ground, today: days };
}

/** Postings of a day, and what stands beside them. Indexes are made at the end, by sorting. */
async function fillDay(owner: Sql, period: number, postings: number): Promise<void> {
  const table = `posting_${period}`;
  await owner(`drop table ${table}`);
  await owner(`create table ${table} (like posting including defaults including constraints)`);
  await owner(
    `insert into ${table} (period, source, epoch, partition, position, leg, debit_account, credit_account, amount_minor, kind,
                           user_id, task_id, occurred_at, event_id)
     select $1, 'tasks', 0, partition, n, 0, case when fee then id else 200 + partition end,
            case when fee then 100 + partition else id end, case when fee then 1500 else 1200 + id % 4 * 400 end,
            case when fee then 'fee' else 'reward' end, user_id, gen_random_uuid(),
            timestamptz '2046-01-01' + make_interval(days => $1::int - 1, secs => n * 86400.0 / $2::int), gen_random_uuid()
       from (select a.*, n, n / $3::int % 2 = 0 as fee from generate_series(1, $2::int) n
               join account a on a.kind = 'popug' and a.id = 1000 + n % $3::int) made`,
    [period, postings, ACCOUNTS],
  );
  await owner(`alter table posting attach partition ${table} for values from (${period}) to (${period + 1})`);
  await owner("select protect_books($1::regclass)", [table]);
  await owner(
    `insert into balance select $1::int, account, sum(debit), sum(credit)
       from (select debit_account as account, amount_minor as debit, 0 as credit from posting where period = $1
             union all select credit_account, 0, amount_minor from posting where period = $1) side group by account`,
    [period],
  );
  await owner(
    `insert into block_head select $1::int, 'tasks', partition, repeat('0', 64), count(*), 0, max(position), false
       from posting where period = $1 group by partition`,
    [period],
  );
}

/** Statements and totals of all days but the last. */
async function closeDays(owner: Sql, days: number): Promise<void> {
  await owner(
    `insert into statement
     select p.number, a.id, a.user_id, 0, a.id % 4 * 100, 0, a.id % 4 * 100, 0,
            case when a.id % 4 > 0 then row_number() over (partition by p.number, a.partition, a.id % 4 > 0 order by a.user_id) end
       from period p cross join account a
      where p.number < $1 and a.kind = 'popug'`,
    [days],
  );
  await owner(
    `insert into closing
     select number, ends_at, 0, 0, 0, 0, 0, 0, 0, $2::int, 0, 0, repeat('0', 64), repeat('0', 64) from period where number < $1`,
    [days, ACCOUNTS],
  );
  await owner("update period set closed_at = ends_at where number < $1", [days]);
}

async function somePopug({ ground }: Built): Promise<string> {
  const [row] = await ground.owner<{ id: string }>("select user_id as id from account where id = 1500");
  return row?.id as string;
}

async function ms(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
