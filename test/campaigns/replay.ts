/** Recorded logs of a company, fed into an accounting that knows nothing yet, in whatever portions and order. */
import assert from "node:assert/strict";
import { pino } from "pino";
import { allContracts, allServices } from "../../src/app/services.ts";
import { readConfig } from "../../src/config.ts";
import { createConsumer } from "../../src/platform/consumer.ts";
import { openPool, sqlOn } from "../../src/platform/database.ts";
import { postgresLog } from "../../src/platform/log.ts";
import { connectionOf, prepareDatabase } from "../../src/platform/migrate.ts";
import { runService } from "../../src/platform/run-service.ts";
import type { Sql } from "../../src/platform/service.ts";
import { refillOwnPostings } from "../../src/services/accounting/refill/own-postings.ts";
import { refillPrices } from "../../src/services/accounting/refill/prices.ts";
import type { Random } from "../kit/random.ts";
import { cloneDatabase, ROLE_PREFIX, ROLE_SECRET } from "../kit/server.ts";

/** What a company said, as rows of JSON; its logs as they stand are what prices, and what people decided, come back from. */
export type Recording = { auth: string; tasks: string; log: Sql; events: number };

export async function record(owner: Sql): Promise<Recording> {
  const rows = async (query: string) => {
    const [row] = await owner<{ rows: string }>(`select coalesce(jsonb_agg(t), '[]')::text as rows from (${query}) t`);
    return row?.rows ?? "[]";
  };
  const [count] = await owner<{ n: number }>("select count(*) as n from tasks.log");
  return {
    auth: await rows("select * from auth.log"),
    tasks: await rows("select * from tasks.log"),
    log: owner,
    events: count?.n ?? 0,
  };
}

/** Everything that must not depend on how the events arrived; ids that the database gives are left out. */
export async function booksOf(owner: Sql) {
  return {
    closings: await owner(
      `select period, fees_minor, rewards_minor, earned_minor, paid_out_minor, payout_count, carried_minor, negative_count,
              account_count, entry_count, discarded_count, statements_hash, seal from accounting.closing order by period`,
    ),
    statements: await owner(
      `select period, user_id, opening_minor, credits_minor, debits_minor, payout_minor, closing_minor
         from accounting.statement order by period, user_id`,
    ),
    heads: await owner("select period, source, partition, head, lines from accounting.block_head order by 1, 2, 3"),
    postings: await owner(
      `select period, source, epoch, partition, position, leg, kind, amount_minor, user_id, task_id, occurred_at, event_id
         from accounting.posting order by 1, 2, 3, 4, 5, 6`,
    ),
    currencies: await owner("select number, currency from accounting.period order by number"),
    steps: await owner("select * from accounting.payout_step order by payout_period, user_id, was"),
    // Account numbers are in no log.
    details: await owner("select id, user_id, set_at from accounting.pay_details order by id"),
    openings: await owner("select * from accounting.opening_balance order by period, position"),
    debts: await owner(
      "select * from accounting.write_off join accounting.write_off_request on id = request_id order by period, position",
    ),
    corrections: await owner(
      "select * from accounting.correction join accounting.correction_request on id = request_id order by period, position",
    ),
  };
}

export type Schedule = {
  /** How many events of a partition come in one transaction, at most. */
  each: number;
  /** Which partitions may move in a pass. */
  partitions: (random: Random) => readonly number[];
};

/** Books a recording in an empty accounting, and reads what came of it. */
export async function replay(recording: Recording, schedule: Schedule, random: Random) {
  const database = await cloneDatabase();
  const services = allServices(readConfig({ demo: true }, {}).settings);
  const installation = { admin: database.admin, rolePrefix: ROLE_PREFIX, roleSecret: ROLE_SECRET, demo: false };
  await prepareDatabase(installation, services);
  const pool = openPool(database.admin, { schema: "accounting", size: 2, name: "replay", onError: () => {} });
  const owner = sqlOn(pool);
  const service = services.find(({ name }) => name === "accounting");
  assert(service);
  const log = pino({ level: "silent" });
  const contracts = allContracts(services);
  const running = runService(service, {
    connection: connectionOf(installation, "accounting"),
    poolSize: 4,
    log,
    contracts,
  });
  try {
    for (const [table, rows] of [
      ["auth.log", recording.auth],
      ["tasks.log", recording.tasks],
    ] as const) {
      await owner(`insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1)`, [rows]);
    }
    for (const source of ["auth", "tasks"]) {
      await owner(
        `update ${source}.log_head h set position =
           (select coalesce(max(position), 0) from ${source}.log l where l.partition = h.partition)`,
      );
    }
    await refillPrices(recording.log, running.sql);
    await running.tools.transact("billing.replay", "system:replay", (ctx) => refillOwnPostings(recording.log, ctx.sql));
    const consumer = service.consumers.find(({ name }) => name === "on-task");
    assert(consumer);
    const reader = postgresLog(running.sql, "tasks");
    let mine: readonly number[] = [];
    const onTask = createConsumer({
      consumer,
      reader: { ...reader, read: (places, types) => reader.read(places, types, schedule.each) },
      sql: running.sql,
      transact: running.transact,
      log,
      versions: contracts.filter(({ source }) => source === "tasks"),
      partitions: () => mine,
    });
    const others = [...running.parts.keys()].filter((name) => name !== "consumer:on-task");
    for (let behind = true; behind; ) {
      mine = schedule.partitions(random);
      await onTask.pass();
      if (random.chance(0.2)) await running.parts.get(random.pick(others))?.();
      const [left] = await owner<{ n: number }>(
        `select count(*) as n from tasks.log_head h left join accounting.cursor c
            on c.consumer = 'on-task' and c.source = 'tasks' and c.partition = h.partition
          where h.position > coalesce(c.position, 0)`,
      );
      behind = (left?.n ?? 0) > 0;
    }
    while ((await running.pass()) > 0);
    assert.deepEqual(await owner("select reason from accounting.dead_letter"), []);
    assert.deepEqual(await owner("select findings from accounting.close_check where not ok"), []);
    assert.deepEqual(await owner("select * from accounting.recalled_step"), []);
    return await booksOf(owner);
  } finally {
    await running.stop();
    await pool.end();
    await database.drop();
  }
}
