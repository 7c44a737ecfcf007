import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { pino } from "pino";
import { Type } from "typebox";
import { createConsumer } from "../../src/platform/consumer.ts";
import { defineEvent } from "../../src/platform/contract.ts";
import { postgresLog } from "../../src/platform/log.ts";
import { partitionOf } from "../../src/platform/outbox.ts";
import { ears, noteRead, noteWritten, notes, startSmall, system, writeDown } from "./small.ts";

let handle: typeof writeDown = writeDown;
const small = await startSmall({ handle: (ctx, events) => handle(ctx, events) });
beforeEach(() => {
  handle = writeDown;
});
const hear = () => small.part("ears", "consumer:on-note");
const sequence = () => small.part("notes", "sequencer");
/** An error as the driver throws it. */
const databaseError = (code: string) => Object.assign(new Error(`error ${code}`), { code });

async function hearAll(pass: () => Promise<number> = hear) {
  while ((await sequence()) > 0);
  while ((await pass()) > 0);
}

async function heardOf(prefix: string): Promise<string[]> {
  return (await small.heard()).filter((note) => note.startsWith(prefix));
}

test("two copies of a consumer at the same work do it once, each key in order", async () => {
  const other = small.copyOf(ears()).parts.get("consumer:on-note");
  assert(other);
  const keys = Array.from({ length: 20 }, (_, i) => `two ${i}`);
  const write = async () => {
    for (let n = 1; n <= 30; n++) await small.write(...keys.map((key): [string, number] => [key, n]));
  };
  let writing = true;
  const work = async (pass: () => Promise<number>) => {
    while (writing) await pass();
  };
  const workers = [work(sequence), work(hear), work(other)];
  await write();
  writing = false;
  await Promise.all(workers);
  // The first look may find that the other copy was ahead, and has to read the cursors anew.
  await hear();
  await hearAll();
  for (const key of keys) {
    assert.deepEqual(
      await heardOf(`${key} `),
      Array.from({ length: 30 }, (_, i) => `${key} ${i + 1}`),
    );
  }
});

test("a copy that was paused between reading and applying changes nothing when it wakes", async () => {
  const ear = small.app.services.get("ears");
  const service = ears();
  assert(ear && service.consumers[0]);
  await hearAll();
  await small.write(["paused", 1], ["paused", 2]);
  await sequence();
  const real = postgresLog(ear.sql, "notes");
  let wake = () => {};
  const asleep = new Promise<void>((resolve) => (wake = resolve));
  let hasRead = () => {};
  const read = new Promise<void>((resolve) => (hasRead = resolve));
  const zombie = createConsumer({
    consumer: service.consumers[0],
    reader: {
      ...real,
      read: async (...places) => {
        const rows = await real.read(...places);
        hasRead();
        await asleep;
        return rows;
      },
    },
    sql: ear.sql,
    transact: ear.transact,
    log: pino({ level: "silent" }),
    versions: [noteWritten],
  });
  const late = zombie.pass();
  await read;
  await hearAll();
  wake();
  assert.equal(await late, 0);
  assert.deepEqual(await heardOf("paused"), ["paused 1", "paused 2"]);
});

test("a copy that others have overtaken applies what they left, in the same pass", async () => {
  const pass = small.copyOf(ears()).parts.get("consumer:on-note") ?? assert.fail();
  await hearAll();
  await hearAll(pass);
  await small.write(["overtaken", 1]);
  await hearAll();
  await small.write(["overtaken", 2]);
  await sequence();
  assert.equal(await pass(), 1);
  assert.deepEqual(await heardOf("overtaken"), ["overtaken 1", "overtaken 2"]);
});

test("a copy that begins while another one moves on does not take the log for one that was set back", async () => {
  const ear = small.app.services.get("ears");
  const service = ears();
  assert(ear && service.consumers[0]);
  await small.write(["late", 1]);
  await sequence();
  const real = postgresLog(ear.sql, "notes");
  let looks = 0;
  const late = createConsumer({
    consumer: service.consumers[0],
    reader: {
      ...real,
      heads: async () => {
        const heads = await real.heads();
        if (looks++ === 0) {
          await small.write(["late", 2]);
          await hearAll();
        }
        return heads;
      },
    },
    sql: ear.sql,
    transact: ear.transact,
    log: pino({ level: "silent" }),
    versions: [noteWritten],
  });
  assert.equal(await late.pass(), 0);
  assert.equal(late.halted(), null);
  assert.deepEqual(await heardOf("late"), ["late 1", "late 2"]);
});

test("a connection that is killed between effect and commit leaves no effect; the next try leaves one", async () => {
  let kills = 2;
  handle = async (ctx, events) => {
    await writeDown(ctx, events);
    if (kills-- > 0) await ctx.sql("select pg_terminate_backend(pg_backend_pid())");
  };
  await small.write(["killed", 1]);
  await sequence();
  await assert.rejects(hear);
  await assert.rejects(hear);
  assert.deepEqual(await heardOf("killed"), []);
  await hearAll();
  assert.deepEqual(await heardOf("killed"), ["killed 1"]);
  assert.deepEqual(await small.letters(), []);
});

for (const code of ["40001", "53300", "55P03", "57P03", "57014"]) {
  test(`what passes by itself (${code}) is tried again and never put aside`, async () => {
    let failures = 12;
    handle = async (ctx, events) => {
      await writeDown(ctx, events);
      if (failures-- > 0) throw databaseError(code);
    };
    await small.write([`passing ${code}`, 1]);
    await sequence();
    let rejected = 0;
    for (;;) {
      const moved = await hear().catch(() => void rejected++);
      if (moved === 0) break;
    }
    assert(rejected >= 2, "each failure of the work is told");
    assert.deepEqual(await heardOf(`passing ${code}`), [`passing ${code} 1`]);
    assert.deepEqual(await small.letters(), []);
  });
}

test("a batch that takes too long for one transaction goes through in parts", async () => {
  handle = async (ctx, events) => {
    if (events.length > 3) throw databaseError("57014");
    await writeDown(ctx, events);
  };
  await small.write(...Array.from({ length: 40 }, (_, i): [string, number] => ["long", i]));
  await hearAll();
  assert.deepEqual(
    await heardOf("long"),
    Array.from({ length: 40 }, (_, i) => `long ${i}`),
  );
  assert.deepEqual(await small.letters(), []);
});

test("types that nobody asked for are passed over without being handed out", async () => {
  await small.notes.tools.transact("test.write", system, async (ctx) => {
    ctx.emit(noteRead, { noteId: "passed over" });
    ctx.emit(noteWritten, { noteId: "passed over", n: 1, text: "" });
  });
  const types: string[] = [];
  handle = async (_, events) => void types.push(...events.map((event) => event.type));
  await hearAll();
  assert.deepEqual(types, ["note.written"]);
});

test("a consumer reads every version of an event in the one it knows: older lifted, newer lowered", async () => {
  const v2 = defineEvent({
    type: "note.written",
    version: 2,
    source: "notes",
    kind: "business",
    summary: "The number is a text.",
    key: "noteId",
    data: Type.Object({ noteId: Type.String(), number: Type.String(), text: Type.String() }),
    previous: {
      contract: noteWritten,
      up: ({ n, ...rest }: { noteId: string; n: number; text: string }) => ({ ...rest, number: String(n) }),
      down: ({ number, ...rest }) => ({ ...rest, n: Number(number) }),
    },
  });
  const seen: unknown[] = [];
  const publisher = { ...notes(), publishes: [v2, noteWritten] };
  const both = await startSmall({
    services: [
      publisher,
      {
        ...ears(),
        consumers: [
          ...ears().consumers,
          ...ears(async (_, events) => void seen.push(...events.map((event) => event.data)), {
            name: "on-note-v2",
            events: [v2] as never,
          }).consumers,
        ],
      },
    ],
  });
  await both.notes.tools.transact("test.write", system, async (ctx) => {
    ctx.emit(noteWritten, { noteId: "a", n: 1, text: "old" });
    ctx.emit(v2, { noteId: "a", number: "2", text: "new" });
  });
  await both.settle();
  assert.deepEqual(await both.heard(), ["a 1", "a 2"]);
  assert.deepEqual(seen, [
    { noteId: "a", number: "1", text: "old" },
    { noteId: "a", number: "2", text: "new" },
  ]);
});

test("a hole in the log stops the consumer, which says so; nothing behind it is applied until it is filled", async () => {
  await hearAll();
  await small.write(["hole", 1], ["hole", 2], ["hole", 3]);
  await sequence();
  const partition = partitionOf("hole");
  await small.owner("create table public.taken as select * from notes.log where key = 'hole' and data->>'n' = '2'");
  await small.owner("delete from notes.log where key = 'hole' and data->>'n' = '2'");
  await assert.rejects(hear, /expected position \d+ in partition \d+ of notes and met \d+/);
  await assert.rejects(hear);
  const ear = small.app.services.get("ears");
  assert.match(ear?.consumers()[0]?.halted ?? "", new RegExp(`partition ${partition} of notes`));
  const ready = await fetch(`${small.url}/readyz`);
  assert.deepEqual([ready.status, await ready.json()], [503, { ok: false, problems: ["ears: on-note has stopped"] }]);
  assert.deepEqual(await heardOf("hole"), []);
  await small.owner("insert into notes.log select * from public.taken");
  await hearAll();
  assert.deepEqual(await heardOf("hole"), ["hole 1", "hole 2", "hole 3"]);
  assert.equal((await fetch(`${small.url}/readyz`)).status, 200);
});

test("a consumer ahead of the log stops and says so", async () => {
  await small.write(["ahead", 1]);
  await hearAll();
  const partition = partitionOf("ahead");
  await small.owner("update notes.log_head set position = position - 1 where partition = $1", [partition]);
  const pass = small.copyOf(ears()).parts.get("consumer:on-note");
  assert(pass);
  await assert.rejects(pass, /the log was set back/);
  await small.owner("update notes.log_head set position = position + 1 where partition = $1", [partition]);
  assert.equal(await pass(), 0);
});

test("a raised epoch is followed; a log that was set back and has grown again is recognised by it", async () => {
  const partition = partitionOf("epoch");
  await small.write(["epoch", 1]);
  await hearAll();
  await small.owner("update notes.log_source set epoch = epoch + 1");
  await small.write(["epoch", 2]);
  await hearAll();
  assert.deepEqual(await heardOf("epoch"), ["epoch 1", "epoch 2"]);

  // Restored to the state before the second, under a new epoch; then as many and one more are written.
  await small.owner("delete from notes.log where key = 'epoch' and data->>'n' = '2'");
  await small.owner("update notes.log_head set position = position - 1 where partition = $1", [partition]);
  await small.owner("update notes.log_source set epoch = epoch + 1");
  await small.write(["epoch", 12], ["epoch", 13]);
  await sequence();
  await assert.rejects(hear, /does not hold any more: it was set back/);
  assert.deepEqual(await heardOf("epoch"), ["epoch 1", "epoch 2"]);
});
