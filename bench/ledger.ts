/**
 * The ledger beside its own server, interleaved: task events through accounting's consumer (prices, names, postings,
 * balances, hashes, events out, cursor), raw multi-row INSERT of rows of the same columns and key, and pgbench where it
 * is installed (`PGBENCH` names it). pgledger is not ours to bring along: `PGLEDGER` names its SQL file, else it is left out.
 */
import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { promisify } from "node:util";
import { v7 as uuidv7 } from "uuid";
import { taskCreatedV2 } from "../src/contracts/tasks/task.created.v2.ts";
import { taskUpdatedV2 } from "../src/contracts/tasks/task.updated.v2.ts";
import type { Connection } from "../src/platform/database.ts";
import { drain, type Ground, openGround } from "./ledger-ground.ts";
import type { Measure } from "./run.ts";

const TASKS = 10_000;
const BATCH = 1_000;
const POPUGS = 1_000;

export const ledger: Measure = {
  name: "ledger",
  runs: 3,
  run: async () => {
    const ground = await openGround();
    try {
      await ground.end(0);
      await drain(ground.accounting, "consumer:on-task");
      const raw = [await rawRows(ground)];
      const bench = await pgbench(ground.connection);
      await sayTasks(ground);
      const begin = performance.now();
      await drain(ground.accounting, "consumer:on-task");
      const seconds = (performance.now() - begin) / 1_000;
      raw.push(await rawRows(ground));
      const [row] = await ground.owner<{ postings: number; events: number; bytes: number }>(
        `select (select count(*) from posting) as postings, (select sum(count)::bigint from intake) as events,
                pg_total_relation_size('posting_1') as bytes`,
      );
      if (row?.postings !== 2 * TASKS) throw new Error(`${row?.postings} postings`);
      const rawPerSecond = raw.reduce((a, b) => a + b) / raw.length;
      return {
        "task events booked per s": row.events / seconds,
        "postings per s": row.postings / seconds,
        "raw multi-row INSERT, rows per s": rawPerSecond,
        "postings ÷ raw rows": row.postings / seconds / rawPerSecond,
        "bytes per posting with indexes": row.bytes / row.postings,
        ...(bench !== undefined && { "pgbench TPC-B, 4 clients, tps": bench }),
      };
    } finally {
      await ground.stop();
    }
  },
};

async function sayTasks(ground: Ground): Promise<void> {
  const popugs = Array.from({ length: POPUGS }, () => uuidv7());
  for (let done = 0; done < TASKS; done += BATCH) {
    await ground.say((emit) => {
      for (let i = done; i < done + BATCH; i++) {
        const taskId = uuidv7();
        const title = `Feed the parrots of aviary ${i % 97}`;
        const options = { period: 1, time: new Date(Date.UTC(2046, 0, 1, 12)) };
        const created = { taskId, number: i + 1, title, jiraId: null, description: "", status: "in_progress" as const };
        emit(taskCreatedV2, created, options);
        const data = { taskId, title, jiraId: null, assigneeId: popugs[i % POPUGS] as string };
        emit(taskUpdatedV2, { ...data, isDone: false, change: "assigned" }, options);
        emit(taskUpdatedV2, { ...data, isDone: true, change: "done" }, options);
      }
    });
  }
}

/** Rows per second into a table like postings with its primary key only, a thousand per statement and transaction. */
async function rawRows({ owner }: Ground): Promise<number> {
  await owner("drop table if exists raw_row");
  await owner("create table raw_row (like posting including defaults)");
  await owner("alter table raw_row add primary key (period, source, epoch, partition, position, leg)");
  const rows = Array.from({ length: BATCH }, (_, i) => ({ id: uuidv7(), i }));
  const begin = performance.now();
  for (let done = 0; done < 2 * TASKS; done += BATCH) {
    await owner(
      `insert into raw_row (period, source, epoch, partition, position, leg, debit_account, credit_account, amount_minor, kind,
                            user_id, task_id, occurred_at, event_id)
       select 1, 'tasks', 1, n % 16, n, 0, 1000 + n % 1000, 100 + n % 16, 1500, 'fee', id, id, now(), id
         from unnest($1::bigint[], $2::uuid[]) as r (n, id)`,
      [rows.map(({ i }) => done + i), rows.map(({ id }) => id)],
    );
  }
  return (2 * TASKS) / ((performance.now() - begin) / 1_000);
}

/** Transactions per second of pgbench's own scenario; undefined where there is no pgbench. */
async function pgbench(connection: Connection): Promise<number | undefined> {
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
