/** What the ledger is measured beside, on the same server: each does so many transfers, and says how many a second. */
import { execFile } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { v7 as uuidv7 } from "uuid";
import { type Connection, openPool, sqlOn } from "../src/platform/database.ts";
import { inParallel } from "./company.ts";
import type { Ground } from "./ledger-ground.ts";

const BATCH = 1_000;

/** Rows into a table like postings with its primary key only, a thousand per statement and transaction. */
export async function rawRows({ owner }: Ground, count: number): Promise<number> {
  await owner("drop table if exists raw_row");
  await owner("create table raw_row (like posting including defaults)");
  await owner("alter table raw_row add primary key (period, source, epoch, partition, position, leg)");
  const rows = Array.from({ length: BATCH }, (_, i) => ({ id: uuidv7(), i }));
  return await perSecond(count, async () => {
    for (let done = 0; done < count; done += BATCH) {
      await owner(
        `insert into raw_row (period, source, epoch, partition, position, leg, debit_account, credit_account, amount_minor,
                              kind, user_id, task_id, occurred_at, event_id)
         select 1, 'tasks', 1, n % 16, n, 0, 1000 + n % 1000, 100 + n % 16, 1500, 'fee', id, id, now(), id
           from unnest($1::bigint[], $2::uuid[]) as r (n, id)`,
        [rows.map(({ i }) => done + i), rows.map(({ id }) => id)],
      );
    }
  });
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

export type Pgledger = { batched: number; single: number; bytes: number };

/** How many of its transfers go into one call of its batched form. */
const PGLEDGER_BATCH = 1_000;

/**
 * pgledger (github.com/pgr0ss/pgledger) in a schema of its own, with the same thousand popugs and, to spare it a hot row,
 * house accounts in sixteen slices; undefined unless `PGLEDGER` names a checkout.
 */
export async function pgledger(connection: Connection, popugs: number, count: number): Promise<Pgledger | undefined> {
  const folder = process.env["PGLEDGER"];
  if (folder === undefined) return undefined;
  const pool = openPool(connection, { schema: "pgledger,public", size: 4, name: "pgledger", onError: () => {} });
  const sql = sqlOn(pool);
  try {
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
    const batched = await perSecond(count, async () => {
      for (let done = 0; done < count; done += PGLEDGER_BATCH) {
        const batch = Array.from({ length: PGLEDGER_BATCH }, (_, i) => transfer(done + i));
        await sql(
          `select count(*) from pgledger_create_transfers(
             transfer_requests => array(select (f, t, 15)::transfer_request from unnest($1::text[], $2::text[]) as r (f, t)),
             event_at => now())`,
          [batch.map(({ from }) => from), batch.map(({ to }) => to)],
        );
      }
    });
    const [size] = await sql<{ bytes: number }>(
      "select pg_total_relation_size('pgledger_transfers') + pg_total_relation_size('pgledger_entries') as bytes",
    );
    const singles = Math.round(count / 10);
    const single = await perSecond(singles, () =>
      inParallel(singles, 4, (n) => {
        const { from, to } = transfer(n);
        return sql("select id from pgledger_create_transfer($1, $2, 15)", [from, to]);
      }),
    );
    return { batched, single, bytes: (size?.bytes ?? 0) / count };
  } finally {
    await pool.end();
  }
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return count / ((performance.now() - begin) / 1_000);
}
