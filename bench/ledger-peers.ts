/** What the ledger is measured beside, on the same server. Each does a slice of work when it is its turn. */
import { execFile } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { v7 as uuidv7 } from "uuid";
import { taskUpdatedV2 } from "../src/contracts/tasks/task.updated.v2.ts";
import { PARTITIONS, type Received } from "../src/platform/event.ts";
import { shareOf } from "../src/platform/membership.ts";
import { type Block, book, extendBlocks } from "../src/services/accounting/booking.ts";
import { savePostings, saveProgress } from "../src/services/accounting/booking-store.ts";
import { type Connection, openPool, sqlOn } from "../src/platform/database.ts";
import { inParallel } from "./company.ts";
import type { Ground } from "./ledger-ground.ts";

/** How many transfers go into one transaction: as many as events into accounting's own batches when it is behind. */
export const BATCH = 4_000;
/** … and into one call of pgledger, which larger ones make no faster, but larger on disk. */
const PGLEDGER_BATCH = 1_000;

/** Does so many transfers. */
export type Peer = (count: number) => Promise<void>;

/** Rows into a table like postings with its primary key only, a batch per statement and transaction. */
export async function rawRows({ owner }: Ground): Promise<Peer> {
  await owner("create table raw_row (like posting including defaults)");
  await owner("alter table raw_row add primary key (period, epoch, position, partition, leg, source)");
  const ids = Array.from({ length: BATCH }, () => uuidv7());
  let next = 0;
  return async (count) => {
    for (let done = 0; done < count; done += BATCH, next += BATCH) {
      const numbers = ids.map((_, i) => next + i);
      await owner(
        `insert into raw_row (period, source, epoch, partition, position, leg, debit_account, credit_account, amount_minor,
                              kind, user_id, task_id, occurred_at, event_id)
         select 1, 'tasks', 1, n % 16, n, 0, 1000 + n % 1000, 100 + n % 16, 1500, 'fee', id, id, now(), id
           from unnest($1::bigint[], $2::uuid[]) as r (n, id)`,
        [numbers, ids],
      );
    }
  };
}

/**
 * What the others do, and no more: the ledger's own part of booking, a batch per transaction, in the shares that accounting's
 * consumer has. Hashes, postings, balances, block heads, cursor; all rules on; without prices, names of tasks and events, of which
 * they have none.
 * @param atMost what is booked is made beforehand, so much of it
 */
export async function ledgerAlone({ accounting, owner }: Ground, atMost: number): Promise<Peer> {
  const popugs = await owner<{ id: string }>("select user_id as id from account where kind = 'popug' order by id");
  const places = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  const barriers = places.map((partition) => ({ period: 0, partition, epoch: 0, position: 0 }));
  const origin = { correlationId: uuidv7(), actor: "system:bench" as const, command: "bench", traceparent: null };
  const told = Array.from({ length: atMost }, (_, n) => assigned(n, popugs[n % popugs.length]?.id as string));
  const { shares = 1 } = accounting.service.consumers.find(({ name }) => name === "on-task") ?? {};
  const sides = Array.from({ length: shares }, (_, rank) => {
    const partitions = shareOf(places, rank, shares);
    return { partitions, told: told.filter((event) => partitions.includes(event.partition)), blocks: [] as Block[] };
  });
  const bookOne = (side: (typeof sides)[number]) =>
    accounting.transact(origin, async ({ sql }) => {
      await sql(
        `update cursor set starts = starts where consumer = 'on-task' and source = 'tasks' and partition = any($1)`,
        [side.partitions],
      );
      const booking = book(side.told.splice(0, BATCH), { barriers }, () => ({ feeMinor: 1_500, rewardMinor: 3_000 }));
      const written = savePostings(sql, booking.postings);
      side.blocks = extendBlocks(side.blocks, booking.postings);
      await written;
      await saveProgress(sql, side.blocks, booking.intake);
    });
  return async (count) => {
    await Promise.all(
      sides.map(async (side) => {
        for (let done = 0; done < count / shares; done += BATCH) await bookOne(side);
      }),
    );
  };
}

/** An assignment far behind all that stands in the log. */
function assigned(n: number, assigneeId: string): Received<typeof taskUpdatedV2> {
  const data = { taskId: uuidv7(), title: "x", jiraId: null, assigneeId, isDone: false, change: "assigned" as const };
  const place = { partition: n % PARTITIONS, position: 1_000_000 + Math.floor(n / PARTITIONS), epoch: 9 };
  return {
    ...{ id: uuidv7(), source: "tasks", type: taskUpdatedV2.type, version: 2, key: data.taskId, ...place, period: 1 },
    ...{
      time: new Date(Date.UTC(2046, 0, 1, 6) + 20 * n),
      correlationId: uuidv7(),
      actor: "system:bench",
      causationId: null,
    },
    ...{ cause: null, command: "bench", traceparent: null, control: null, data },
  };
}

/** Transactions a second of pgbench's own scenario; undefined where there is no pgbench (`PGBENCH` names one). */
export async function pgbench(connection: Connection): Promise<number | undefined> {
  const binary = process.env["PGBENCH"] ?? globSync("/usr/lib/postgresql/*/bin/pgbench").at(-1);
  if (binary === undefined || !existsSync(binary)) return undefined;
  const env = {
    ...process.env,
    ...{ PGHOST: String(connection.host), PGPORT: String(connection.port), PGUSER: String(connection.user) },
    ...{ PGDATABASE: String(connection.database), PGPASSWORD: String(connection.password ?? "") },
  };
  const run = promisify(execFile);
  await run(binary, ["-i", "-q", "-s", "5"], { env });
  const { stdout } = await run(binary, ["-c", "4", "-j", "2", "-T", "5", "-n"], { env });
  return Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
}

export type Pgledger = { batched: Peer; single: Peer; bytes: () => Promise<number>; stop: () => Promise<void> };

/**
 * pgledger (github.com/pgr0ss/pgledger) in a schema of its own, with as many popugs and, to spare it a hot row, house accounts in
 * sixteen slices; undefined unless `PGLEDGER` names a checkout. `bytes` are those of a transfer, of `single` and `batched` alike.
 */
export async function pgledger(connection: Connection, popugs: number): Promise<Pgledger | undefined> {
  const folder = process.env["PGLEDGER"];
  if (folder === undefined) return undefined;
  const pool = openPool(connection, { schema: "pgledger,public", size: 4, name: "bench pgledger", onError: () => {} });
  const sql = sqlOn(pool);
  await sql("create schema pgledger");
  for (const file of [...globSync(join(folder, "vendor/scoville-pgsql-ulid/*.sql")), join(folder, "pgledger.sql")]) {
    await pool.query(readFileSync(file, "utf8"));
  }
  const accounts = await sql<{ id: string }>(
    "select a.id from generate_series(1, $1::int) n, lateral pgledger_create_account('account ' || n, 'USD') a",
    [popugs + 16],
  );
  const id = (n: number) => accounts[n]?.id as string;
  const transfer = (n: number) => ({ from: id(16 + (n % popugs)), to: id(n % 16) });
  return {
    batched: async (count) => {
      for (let done = 0; done < count; done += PGLEDGER_BATCH) {
        const batch = Array.from({ length: PGLEDGER_BATCH }, (_, i) => transfer(done + i));
        await sql(
          `select count(*) from pgledger_create_transfers(
             transfer_requests => array(select (f, t, 15)::transfer_request from unnest($1::text[], $2::text[]) as r (f, t)),
             event_at => now())`,
          [batch.map(({ from }) => from), batch.map(({ to }) => to)],
        );
      }
    },
    single: (count) =>
      inParallel(count, 4, (n) => {
        const { from, to } = transfer(n);
        return sql("select id from pgledger_create_transfer($1, $2, 15)", [from, to]);
      }),
    bytes: async () => {
      const [row] = await sql<{ bytes: number }>(
        `select (pg_total_relation_size('pgledger_transfers') + pg_total_relation_size('pgledger_entries'))
                / (select count(*) from pgledger_transfers) as bytes`,
      );
      return row?.bytes ?? Number.NaN;
    },
    stop: () => pool.end(),
  };
}
