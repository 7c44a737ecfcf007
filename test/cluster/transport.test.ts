/** Logs that travel through Kafka, on real brokers: whatever happens to a topic, each event is heard once, in its place. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { Admin } from "@platformatic/kafka";
import type { Brokers } from "../../cluster/brokers.ts";
import { allPartitions, type LogRow } from "../../src/platform/event.ts";
import { kafkaLog } from "../../src/platform/kafka/log.ts";
import { describeTopic, makeTopic, type TopicWriter } from "../../src/platform/kafka/topic.ts";
import type { LogReader } from "../../src/platform/log.ts";
import { until } from "../kit/until.ts";
import { startReceiver } from "../operations/otlp-receiver.ts";
import { dayEnded, noteWritten, system } from "../platform/small.ts";
import { skip, testBrokers } from "./brokers.ts";
import { drain, recordsIn, startPairOn } from "./pair.ts";

let brokers: Brokers;
before(async () => {
  if (skip === false) brokers = await testBrokers();
});
after(() => brokers?.stop());
const startPair = () => startPairOn(brokers);

const everything = allPartitions.map((partition) => ({ partition, position: 0 }));
const inOrder = (rows: readonly LogRow[]) =>
  [...rows].sort((a, b) => a.partition - b.partition || a.position - b.position);
const nobody: LogReader["read"] = () => Promise.reject(new Error("the log was asked"));

test("every event is read from Kafka as it stands in the log, and nothing is asked of the log", { skip }, async () => {
  const pair = await startPair();
  await pair.write(300);
  await pair.small.notes.tools.transact("test.end", system, async (ctx) =>
    ctx.emit(dayEnded, { period: 1 }, { period: 1 }),
  );
  await pair.small.part("notes", "sequencer");
  assert.equal(await pair.relay(), 316);
  const logged = await pair.log.read(everything, null, 1_000);
  const read = await kafkaLog(pair.topic(), { ...pair.log, read: nobody }).read(everything, null, 1_000);
  assert.deepEqual(read, logged);
  assert.equal(await pair.hear(), 316);
  await pair.assertHeard();
});

test("a trace goes on through Kafka: the waits for the log, for the topic and for the consumer are parts of it", {
  skip,
}, async () => {
  const receiver = await startReceiver();
  after(receiver.stop);
  const pair = await startPairOn(brokers, { traces: { endpoint: receiver.url, share: 1 } });
  const [traceId, asked] = [randomUUID().replaceAll("-", ""), "b7ad6b7169203331"];
  await pair.small.notes.transact(
    { correlationId: randomUUID(), actor: system, command: "test.write", traceparent: `00-${traceId}-${asked}-01` },
    async (ctx) => ctx.emit(noteWritten, { noteId: "a", n: 1, text: "" }),
  );
  await pair.small.part("notes", "sequencer");
  assert.equal(await pair.relay(), 1);
  assert.equal(await pair.hear(), 1);
  const names = ["outbox", "relay", "queue on-note", "on-note"];
  const spans = await until(
    async () => {
      const found = names.map((name) => receiver.of(traceId).find((span) => span.name === name));
      return found.every((span) => span !== undefined) ? found : undefined;
    },
    { withinMs: 30_000, everyMs: 50, late: () => `of the trace came ${receiver.of(traceId).map(({ name }) => name)}` },
  );
  assert.deepEqual(
    spans.map(({ service, parentSpanId }) => [service, parentSpanId]),
    ["popug-notes", "popug-notes", "popug-ears", "popug-ears"].map((service) => [service, asked]),
  );
  assert.equal(new Set(spans.map(({ attributes }) => attributes["messaging.message.id"])).size, 1);
  const [outbox, relay, queue, heard] = spans;
  assert(outbox && relay && queue && heard);
  assert(outbox.start <= outbox.end && queue.start <= queue.end);
  // Not from when it was in the log: from when the relay had brought it.
  assert(relay.start < queue.start && queue.start <= relay.end, JSON.stringify({ relay, queue }));
  assert(queue.end - heard.start < 5, "until the consumer begins with it");
});

test("a place in the middle is found, and what follows is read in portions", { skip }, async () => {
  const pair = await startPair();
  for (let i = 0; i < 5; i++) {
    await pair.write(400);
    await pair.relay();
  }
  const logged = await pair.log.read(everything, null, 10_000);
  const middle = allPartitions.map((partition) => ({ partition, position: 40 + partition }));
  const wanted = logged.filter(({ partition, position }) => position > 40 + partition);
  const reader = kafkaLog(pair.topic(), { ...pair.log, read: nobody });
  const found: LogRow[] = [];
  const places = new Map(middle.map((place) => [place.partition, place]));
  for (let rows = await reader.read([...places.values()], null, 7); rows.length > 0; ) {
    found.push(...rows);
    for (const { partition, position } of rows) places.set(partition, { partition, position });
    rows = await reader.read([...places.values()], null, 7);
  }
  assert.deepEqual(inOrder(found), wanted);
});

test("large events, also in batches larger than what is read at once: a new relay doubles nothing, a place is found", {
  skip,
}, async () => {
  const pair = await startPair();
  for (let i = 0; i < 3; i++) await pair.write(400, "popug ".repeat(1_000));
  await pair.relay();
  for (let i = 0; i < 3; i++) await pair.write(400, "popug ".repeat(1_000));
  // Of each partition one batch of some hundred KB, as nobody of ours writes it.
  const logged = await pair.log.read(everything, null, 10_000);
  const relayed = new Set((await recordsIn(pair.topic())).map(({ id }) => id));
  assert.equal(relayed.size, 1_200);
  await pair.writer().append(logged.filter(({ id }) => !relayed.has(id)));
  assert.equal((await recordsIn(pair.topic())).length, 2_400);

  assert.equal(await pair.relayOf(pair.writer()).pass(), 0);
  await pair.write(16);
  assert.equal(await drain(pair.relayOf(pair.writer()).pass), 16);

  const reader = kafkaLog(pair.topic(), { ...pair.log, read: nobody });
  const places = (await pair.log.heads()).map(({ partition, position }) => ({
    ...{ partition, position: Math.floor(position / 4) },
  }));
  const next = await reader.read(places, null, 5);
  assert.deepEqual(next, await pair.log.read(places, null, 5));
  assert.deepEqual(
    new Set(next.map(({ partition }) => partition)).size,
    new Set(logged.map((row) => row.partition)).size,
  );
});

test("a relay stores nothing and goes on behind the last records: nothing is missing, nothing twice", {
  skip,
}, async () => {
  const pair = await startPair();
  const early = pair.relayOf(pair.writer());
  // One after the other, each for the first time or after others: whose turn it is, finds the end wherever that is by now.
  for (const relay of [early, pair.relayOf(pair.writer()), early, pair.relayOf(pair.writer()), early]) {
    await pair.write(100);
    assert.equal(await relay.pass(), 100);
  }
  const records = await recordsIn(pair.topic());
  assert.deepEqual(
    inOrder(records).map(({ id }) => id),
    (await pair.log.read(everything, null, 1_000)).map(({ id }) => id),
  );
});

test("two relays at once, and one that was paused with events in its hands, do no harm", { skip }, async () => {
  const pair = await startPair();
  await pair.write(100);
  // It holds what it has read until the others have gone on.
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const writer = pair.writer();
  const { promise: holds, resolve: reached } = Promise.withResolvers<void>();
  const append: TopicWriter["append"] = async (events) => {
    reached();
    await held;
    return writer.append(events);
  };
  const zombie = pair.relayOf({ ...writer, append }).pass();
  await holds;
  const [one, other] = [pair.relayOf(pair.writer()), pair.relayOf(pair.writer())];
  for (let i = 0; i < 10; i++) {
    await pair.write(60);
    await Promise.all([one.pass(), other.pass()]);
    if (i === 4) await pair.hear();
  }
  letGo();
  assert.equal(await zombie, 100);
  await pair.write(50);
  await Promise.all([one.pass(), other.pass()]);
  const records = await recordsIn(pair.topic());
  assert(records.length > 850, `only ${records.length} records: nothing was doubled, so nothing was tried`);
  await pair.hear();
  await pair.assertHeard();
});

test("a topic that was wiped is filled again from the log, for who was behind and who was not", { skip }, async () => {
  const pair = await startPair();
  await pair.write(200);
  await pair.relay();
  await pair.hear();
  await pair.write(200);
  await pair.relay();
  const admin = new Admin({ ...pair.connection, clientId: "test" });
  await admin.deleteTopics({ topics: [`${pair.connection.prefix}.notes`] });
  await pair.write(100);
  await pair.relayedAll();
  await until(async () => pair.hear().catch(() => undefined), {
    ...{ withinMs: 30_000, everyMs: 100, late: () => "nothing is heard" },
  });
  await pair.assertHeard();
  await pair.write(50);
  await pair.relay();
  await pair.hear();
  await pair.assertHeard();
  await admin.close();
});

test("a reader at the end of a topic goes on with the log when the topic is made anew", { skip }, async () => {
  const pair = await startPair();
  await pair.write(200);
  await pair.relay();
  const reader = kafkaLog(pair.topic(), pair.log);
  const read = await reader.read(everything, null, 1_000);
  assert.equal(read.length, 200);
  const tips = (await pair.log.heads()).map(({ partition, position }) => ({ partition, position }));
  assert.deepEqual(await reader.read(tips, null, 100), []);
  const admin = new Admin({ ...pair.connection, clientId: "test" });
  await admin.deleteTopics({ topics: [`${pair.connection.prefix}.notes`] });
  await until(async () => makeTopic(pair.connection, "notes").catch(() => undefined), {
    ...{ withinMs: 30_000, everyMs: 100, late: () => "the topic cannot be made" },
  });
  await admin.close();
  await pair.write(100);
  const found: LogRow[] = [];
  await until(
    async () => {
      // What is still on its way through the cluster may be an error; what was read is a step on.
      const rows = await reader.read(tips, null, 100).catch((): LogRow[] => []);
      found.push(...rows);
      for (const row of rows) tips[row.partition] = { partition: row.partition, position: row.position };
      return found.length === 100 || undefined;
    },
    { withinMs: 30_000, everyMs: 100, late: () => `${found.length} of 100 events are read` },
  );
  assert.deepEqual(
    inOrder(found),
    (await pair.log.read(everything, null, 1_000)).filter((row) => !read.some(({ id }) => id === row.id)),
  );
});

test("lost newest records are relayed again, and until then come from the log", { skip }, async () => {
  const pair = await startPair();
  await pair.write(200);
  await pair.relay();
  const kept = (await pair.log.read(everything, null, 1_000)).filter(({ position }) => position <= 5);
  // A topic that holds the beginning only, where there was all of it.
  const admin = new Admin({ ...pair.connection, clientId: "test" });
  await admin.deleteTopics({ topics: [`${pair.connection.prefix}.notes`] });
  await until(async () => makeTopic(pair.connection, "notes"), {
    ...{ withinMs: 30_000, everyMs: 100, late: () => "the topic cannot be made" },
  });
  await until(
    async () =>
      pair
        .writer()
        .append(kept)
        .catch(() => undefined),
    {
      ...{ withinMs: 30_000, everyMs: 100, late: () => "nothing can be written" },
    },
  );
  await admin.close();
  await until(
    async () => {
      await pair.hear();
      const [row] = await pair.small.sql("ears")<{ n: number }>("select count(*) as n from heard");
      return row?.n === 200 || undefined;
    },
    { withinMs: 30_000, everyMs: 200, late: () => "the rest is not heard without a relay" },
  );
  await pair.assertHeard();
  await pair.relayedAll();
  await pair.write(50);
  await pair.relay();
  await pair.hear();
  await pair.assertHeard();
});

test("what is missing in the middle, and what somebody else wrote there, is read from the log", { skip }, async () => {
  const pair = await startPair();
  await pair.write(300);
  await makeTopic(pair.connection, "notes");
  const rows = await pair.log.read(everything, null, 1_000);
  const writer = pair.writer();
  await writer.append(rows.filter(({ position }) => position <= 4));
  const alien = rows.filter(({ position }) => position === 5).map((row) => ({ ...row, source: "x", position: -1 }));
  await writer.append(alien);
  await writer.append(rows.filter(({ position }) => position >= 9));
  await pair.hear();
  await pair.assertHeard();
});

test("records that the log does not hold, since it was set back, are heard by nobody", { skip }, async () => {
  const pair = await startPair();
  await pair.write(100);
  await pair.relay();
  await pair.hear();
  // What was logged and relayed, and lost in a restore: one more event in each partition.
  const heads = await pair.log.heads();
  const rows = await pair.log.read(everything, null, 1_000);
  const lost = heads.flatMap(({ partition, position }) =>
    rows
      .filter((row) => row.partition === partition && row.position === position)
      .map((row) => ({
        ...row,
        id: randomUUID(),
        position: position + 1,
        data: { noteId: row.key, n: 0, text: "lost" },
      })),
  );
  await pair.writer().append(lost);
  await pair.small.owner("update notes.log_source set epoch = epoch + 1");
  const again = pair.small.copyOf(pair.small.app.services.get("ears")?.service ?? assert.fail());
  await pair.write(200);
  const relay = pair.relayOf(pair.writer());
  await drain(relay.pass);
  // A process that was started after the restore.
  const reader = kafkaLog(pair.topic(), pair.log);
  await reader.heads();
  const after = heads.map(({ partition, position }) => ({ partition, position }));
  const read = await reader.read(after, null, 1_000);
  assert.deepEqual(read, await pair.log.read(after, null, 1_000));
  assert(read.length >= 200 && read.every(({ epoch }) => epoch === 2));
  const relayed = new Set((await recordsIn(pair.topic())).map(({ id }) => id));
  assert((await pair.log.read(everything, null, 1_000)).every(({ id }) => relayed.has(id)));
  await again.stop();
});

test("a broker that is killed is done without; with two gone nothing is lost, and they catch up", {
  skip,
}, async (t) => {
  const pair = await startPair();
  await pair.write(100);
  await pair.relay();
  await pair.hear();
  const within = async (what: string, work: () => Promise<unknown>) => {
    const begun = performance.now();
    await until(
      async () =>
        work().then(
          () => true,
          () => undefined,
        ),
      {
        ...{ withinMs: 60_000, everyMs: 100, late: () => what },
      },
    );
    t.diagnostic(`${what}: ${Math.round(performance.now() - begun)} ms`);
  };
  const relayed = async () => {
    await pair.relay();
    await pair.hear();
    await pair.assertHeard();
  };
  for (const broker of brokers.each) {
    await broker.kill();
    await pair.write(100);
    await within("heard with one broker gone", relayed);
    await broker.start();
    await within("all replicas in sync", async () => {
      assert.deepEqual((await describeTopic(pair.connection, "notes"))?.problems, []);
    });
  }
  const [one, two] = brokers.each;
  await Promise.all([one?.kill(), two?.kill()]);
  await pair.write(100);
  await assert.rejects(pair.relay());
  await Promise.all([one?.start(), two?.start()]);
  await within("heard after two brokers were gone", relayed);
});

test("what goes from the log goes from the topic", { skip }, async () => {
  const pair = await startPair();
  await pair.write(300);
  await pair.relay();
  await pair.hear();
  await pair.small.owner("update notes.log_source set begins_at = 6");
  await pair.write(10);
  await pair.relay();
  const oldest = new Map<number, number>();
  for (const { partition, position } of (await recordsIn(pair.topic())).reverse()) oldest.set(partition, position);
  assert.deepEqual(
    [...oldest.values()],
    allPartitions.map(() => 6),
  );
  await pair.hear();
  await pair.assertHeard();
});

test("topics are made as they have to be, and others are named with what is wrong", { skip }, async () => {
  const connection = { bootstrapBrokers: brokers.addresses.split(","), prefix: `test-${randomUUID().slice(0, 8)}` };
  assert.equal(await describeTopic(connection, "notes"), undefined);
  assert.equal(await makeTopic(connection, "notes"), true);
  assert.equal(await makeTopic(connection, "notes"), false);
  assert.deepEqual((await describeTopic(connection, "notes"))?.problems, []);
  const admin = new Admin({ ...connection, clientId: "test" });
  await admin.createTopics({ topics: [`${connection.prefix}.ears`], partitions: 2, replicas: 1 });
  await admin.close();
  const problems = await until(async () => (await describeTopic(connection, "ears"))?.problems.join("\n"), {
    ...{ withinMs: 30_000, everyMs: 100, late: () => "the topic is nowhere" },
  });
  assert.match(problems, /has 2 partitions; a log has 16/);
  assert.match(problems, /partition 0: 1 replicas instead of 3/);
  assert.match(problems, /retention.ms is 604800000, it has to be -1/);
});
