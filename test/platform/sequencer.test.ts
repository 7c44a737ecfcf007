import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import pg from "pg";
import { pino } from "pino";
import { openPool } from "../../src/platform/database.ts";
import { checksumOf, PARTITIONS } from "../../src/platform/event.ts";
import { postgresLog } from "../../src/platform/log.ts";
import { connectionOf } from "../../src/platform/migrate.ts";
import { partitionOf } from "../../src/platform/outbox.ts";
import { createSequencer, type Sequencer } from "../../src/platform/sequencer.ts";
import { dayEnded, noteRead, noteWritten, notes, type Small, startSmall, system } from "./small.ts";

const log = pino({ level: "silent" });
const small = await startSmall({ services: [notes()] });
const pool = openPool(connectionOf(small.app.homes.of("notes").installation, "notes"), {
  schema: "notes",
  size: 12,
  name: "test",
  onError: () => {},
});
test.after(() => pool.end());
const sequencer = (batchSize?: number): Sequencer =>
  createSequencer({ service: "notes", pool, log, ...(batchSize !== undefined && { batchSize }) });
const everything = sequencer();

type Row = { partition: number; position: number; key: string; n: number };
const logged = (from: Small) =>
  from.owner<Row>(
    "select partition, position, key, (data->>'n')::int as n from notes.log order by partition, position",
  );

async function assertContiguous(rows: readonly Row[]) {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const positions = rows.filter((row) => row.partition === partition).map((row) => row.position);
    const first = positions[0] ?? 1;
    assert.deepEqual(
      positions,
      positions.map((_, index) => first + index),
      `partition ${partition}`,
    );
  }
}

/** An event in the outbox by hand; its id says nothing about its order. */
const insert = `insert into outbox (partition, id, type, version, key, time, correlation_id, actor, command, data)
  values ($1, gen_random_uuid(), 'note.written', 1, $2, now(), gen_random_uuid(), 'system:test', 'test.write', $3)`;

test("nothing is lost, doubled or out of its key's order: 8 writers, late commits, rollbacks, two sequencers", async () => {
  const elsewhere = new pg.Client({ ...small.app.homes.of("notes").installation.admin, database: "postgres" });
  await elsewhere.connect();
  await elsewhere.query("begin; select pg_current_xact_id()");
  const committed = new Map<string, number>();
  let writing = 8;
  const writer = async () => {
    const client = await pool.connect();
    for (let i = 0; i < 50; i++) {
      const key = `key ${randomInt(10)}`;
      await client.query("begin");
      const { rows } = await client.query(
        "insert into note values ($1, 1) on conflict (id) do update set n = note.n + 1 returning n",
        [key],
      );
      const n = rows[0].n as number;
      await client.query(insert, [partitionOf(key), key, JSON.stringify({ noteId: key, n, text: "" })]);
      // Held open for a while, so that others get higher numbers and commit before.
      await client.query("select pg_sleep($1)", [randomInt(4) === 0 ? 0.01 : 0]);
      const keeps = randomInt(5) > 0;
      await client.query(keeps ? "commit" : "rollback");
      if (keeps) committed.set(key, Math.max(n, committed.get(key) ?? 0));
    }
    client.release();
    writing--;
  };
  const moving = async (one: Sequencer) => {
    for (;;) {
      const last = writing === 0;
      if ((await one.pass()) === 0 && last) return;
    }
  };
  const writers = Array.from({ length: 8 }, writer);
  await Promise.all([...writers, moving(sequencer(7)), moving(sequencer(50))]);
  await elsewhere.end();

  const rows = await logged(small);
  await assertContiguous(rows);
  for (const [key, last] of committed) {
    const numbers = rows.filter((row) => row.key === key).map((row) => row.n);
    assert.deepEqual(
      numbers,
      Array.from({ length: last }, (_, i) => i + 1),
      key,
    );
  }
  assert.equal(
    rows.length,
    [...committed.values()].reduce((sum, n) => sum + n, 0),
  );
  assert.deepEqual(await small.sql("notes")("select 1 from outbox"), []);
});

test("an event whose transaction commits late comes behind those that overtook it, and is not lost", async () => {
  const [slow, quick] = [await pool.connect(), await pool.connect()];
  const event = (n: number) => [3, `late ${n}`, JSON.stringify({ noteId: `late ${n}`, n, text: "" })];
  await slow.query("begin");
  await slow.query(insert, event(1));
  await quick.query(insert, event(2));
  assert.equal(await everything.pass(), 1);
  await slow.query("commit");
  assert.equal(await everything.pass(), 1);
  slow.release();
  quick.release();
  const rows = (await logged(small)).filter((row) => row.key.startsWith("late"));
  assert.deepEqual(
    rows.map((row) => row.n),
    [2, 1],
  );
  assert.equal(rows[1]?.position, (rows[0]?.position ?? 0) + 1);
});

test("a pass moves no more than its batch, in the order of emission", async () => {
  await small.write(...Array.from({ length: 25 }, (_, i): [string, number] => ["batch", i]));
  const tens = sequencer(10);
  assert.deepEqual([await tens.pass(), await tens.pass(), await tens.pass(), await tens.pass()], [10, 10, 5, 0]);
  const rows = (await logged(small)).filter((row) => row.key === "batch");
  assert.deepEqual(
    rows.map((row) => row.n),
    rows.map((_, i) => i),
  );
});

type Barrier = {
  partition: number;
  position: number;
  period: number;
  control: Record<string, { count: number; checksum: string }>;
};
type Counted = { partition: number; position: number; period: number | null; type: string; id: string };

for (const [round, batchSize] of [1, 7, 5_000].entries()) {
  test(`a barrier carries count and checksum of exactly its period's events (passes of ${batchSize})`, async () => {
    const base = 100 * (round + 1);
    const emit = (work: Parameters<typeof small.notes.tools.transact<void>>[2]) =>
      small.notes.tools.transact("test.write", system, work);
    const some = (count: number, periods: (number | undefined)[]) =>
      emit(async (ctx) => {
        for (let i = 0; i < count; i++) {
          const period = periods[i % periods.length];
          const options = period === undefined ? {} : { period: base + period };
          const noteId = `round ${round} note ${i}`;
          if (i % 3 === 0) ctx.emit(noteRead, { noteId }, options);
          else ctx.emit(noteWritten, { noteId, n: i, text: "" }, options);
        }
      });
    const end = (period: number) =>
      emit(async (ctx) => ctx.emit(dayEnded, { period: base + period }, { period: base + period }));
    await some(40, [1, undefined]);
    await some(40, [1, 2]);
    await end(1);
    await some(40, [2]);
    await end(2);
    await end(3);
    await some(20, [4]);
    const one = sequencer(batchSize);
    while ((await one.pass()) > 0);

    const rows = await small.owner<Counted>(
      "select partition, position, period, type, id from notes.log where period between $1 and $2",
      [base, base + 99],
    );
    const barriers = await small.owner<Barrier>(
      "select partition, position, period, control from notes.log where type = 'day.ended' and period between $1 and $2",
      [base, base + 99],
    );
    assert.equal(barriers.length, 3 * PARTITIONS);
    for (const barrier of barriers) {
      const expected: Barrier["control"] = {};
      for (const row of rows) {
        if (row.period !== barrier.period || row.partition !== barrier.partition || row.type === "day.ended") continue;
        assert(row.position < barrier.position, "an event of the period stands behind its barrier");
        const total = (expected[row.type] ??= { count: 0, checksum: "0" });
        total.count++;
        total.checksum = String(Number(total.checksum) + checksumOf(row.id));
      }
      assert.deepEqual(barrier.control, expected);
    }
    const open = await small.owner("select distinct period from notes.log_tally where period between $1 and $2", [
      base,
      base + 99,
    ]);
    assert.deepEqual(open, [{ period: base + 4 }]);
  });
}

test("positions go on over the end of a segment, and the log is read over it", async () => {
  const partition = partitionOf("segment");
  await small.owner("update notes.log_head set position = 999990 where partition = $1", [partition]);
  await small.write(...Array.from({ length: 30 }, (_, i): [string, number] => ["segment", i]));
  while ((await everything.pass()) > 0);
  const rows = await postgresLog(small.app.readerOf("notes"), "notes").read(
    [{ partition, position: 999_990 }],
    null,
    100,
  );
  assert.deepEqual(
    rows.map((row) => row.position),
    Array.from({ length: 30 }, (_, i) => 999_991 + i),
  );
  const [segment] = await small.owner<{ count: number }>("select count(*) as count from notes.log_1");
  assert.equal(segment?.count, 21);
});

test("a new segment waits for nobody who reads the log", async () => {
  const partition = partitionOf("reader");
  const reader = new pg.Client({ ...small.app.homes.of("notes").installation.admin });
  await reader.connect();
  await reader.query("begin; select count(*) from notes.log");
  await small.owner("update notes.log_head set position = 2999990 where partition = $1", [partition]);
  await small.owner("select notes.ensure_log_segment(2999990)");
  await small.owner("select notes.ensure_log_segment(3000000)");
  await small.write(...Array.from({ length: 30 }, (_, i): [string, number] => ["reader", i]));
  assert.equal(await everything.pass(), 30);
  await reader.query("rollback");
  await reader.end();
  assert.equal((await small.owner("select to_regclass('notes.log_4') is not null as made"))[0]?.["made"], true);
});

test("a pass whose statement was planned for an empty outbox moves a full one within the time of a statement", async () => {
  const alone = openPool(connectionOf(small.app.homes.of("notes").installation, "notes"), {
    schema: "notes",
    size: 1,
    name: "test",
    onError: () => {},
  });
  try {
    const one = createSequencer({ service: "notes", pool: alone, log });
    while ((await one.pass()) > 0);
    await small.owner("vacuum (analyze) notes.outbox");
    // From the sixth time on, the server keeps the plan.
    for (let pass = 0; pass < 6; pass++) assert.equal(await one.pass(), 0);
    await pool.query(
      `insert into outbox (partition, id, type, version, key, time, correlation_id, actor, command, data)
       select n % 16, gen_random_uuid(), 'note.written', 1, 'bulk ' || n % 16, now(), gen_random_uuid(), 'system:test', 'test.write',
              jsonb_build_object('noteId', 'bulk ' || n % 16, 'n', n, 'text', '')
         from generate_series(1, 60000) n`,
    );
    assert.equal(await one.pass(), 5_000);
  } finally {
    await alone.end();
  }
  while ((await everything.pass()) > 0);
});
