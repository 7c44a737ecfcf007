import assert from "node:assert/strict";
import { pino } from "pino";
import { test } from "node:test";
import { createConsumer } from "../../src/platform/consumer.ts";
import { type LogReader, postgresLog } from "../../src/platform/log.ts";
import { ears, notes, startSmall, writeDown } from "./small.ts";

/** Whether the hearer has a use for notes; it breaks on those that say so. */
let wanted = false;
const hearer = ears(
  async (ctx, events) => {
    if (events.some(({ data }) => data.text === "broken")) throw new Error("broken");
    await writeDown(ctx, events);
  },
  { hasNoUse: async () => !wanted },
);
const small = await startSmall({ services: [notes(), hearer] });
const [consumer = assert.fail()] = hearer.consumers;
const ear = small.app.services.get("ears") ?? assert.fail();
const log = postgresLog(ear.sql, "notes");
const consumerOn = (reader: LogReader) =>
  createConsumer({
    ...{ consumer, reader, sql: ear.sql, transact: ear.transact, log: pino({ level: "silent" }) },
    versions: notes().publishes,
  });
const sequence = async () => {
  while ((await small.part("notes", "sequencer")) > 0);
};
const behind = async () => {
  const cursors = await ear.sql<{ partition: number; position: number }>("select partition, position from cursor");
  const places = new Map(cursors.map(({ partition, position }) => [partition, position]));
  return (await log.heads()).reduce((sum, head) => sum + head.position - (places.get(head.partition) ?? 0), 0);
};

test("what nobody has a use for is passed over unread, whatever it is, and what is said from then on is heard", async () => {
  await small.write(["a", 1, "broken"], ["b", 1], ["c", 1]);
  await sequence();
  const unread: LogReader = { ...log, read: () => assert.fail("it was read") };
  const deaf = consumerOn(unread);
  while ((await deaf.pass()) > 0);
  assert.equal(await behind(), 0);
  assert.deepEqual([await small.heard(), await small.letters()], [[], []]);

  wanted = true;
  await small.write(["a", 2], ["b", 2]);
  await small.app.settle();
  assert.deepEqual((await small.heard()).sort(), ["a 2", "b 2"]);
});

test("what is numbered while it is asked is heard, if it has a use by then", async () => {
  wanted = false;
  // Between the look at the heads and the question somebody begins to care, and something is said.
  let looks = 0;
  const late = consumerOn({
    ...log,
    heads: async () => {
      const heads = await log.heads();
      if (looks++ === 0) {
        wanted = true;
        await small.write(["a", 3]);
        await sequence();
      }
      return heads;
    },
  });
  while ((await late.pass()) > 0);
  assert((await small.heard()).includes("a 3"));
});

test("nothing is passed over while an event waits to be mended, so that each key stays in its order", async () => {
  await small.write(["d", 1, "broken"], ["d", 2]);
  await small.app.settle();
  assert.deepEqual(
    (await small.letters()).map(({ key, status }) => [key, status]),
    [
      ["d", "dead"],
      ["d", "parked"],
    ],
  );
  wanted = false;
  await small.write(["d", 3]);
  await small.app.settle();
  await ear.sql(
    `update dead_letter set redrive_at = now(), edited = (event->'data') || '{"text": ""}' where status = 'dead'`,
  );
  await small.app.settle();
  assert.deepEqual(
    (await small.heard()).filter((note) => note.startsWith("d")),
    ["d 1", "d 2", "d 3"],
  );
});

test("one that has no use for anything begins also where the log does not begin with its first event", async () => {
  await small.write(...Array.from({ length: 200 }, (_, n): [string, number] => [`key ${n}`, 1]));
  await small.app.settle();
  await small.owner("create table public.kept as select * from notes.log where position >= 2");
  await small.owner("drop table notes.log_0, notes.log_1");
  await small.owner("update notes.log_source set segment_size = 2, begins_at = 2");
  await small.owner("select notes.ensure_log_segment(n * 2) from generate_series(1, 80) n");
  await small.owner("insert into notes.log select * from public.kept");
  await ear.sql("delete from cursor");
  const late = consumerOn(log);
  assert.equal(await late.pass(), 1);
  assert.equal(await behind(), 0);
});
