/** `notes` and `ears` of the platform's tests, with Kafka between them: what is written, relayed and heard, step by step. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after } from "node:test";
import { pino } from "pino";
import type { Brokers } from "../../cluster/brokers.ts";
import { allPartitions, type LogRow } from "../../src/platform/event.ts";
import { createRelay, type Relay } from "../../src/platform/kafka/relay.ts";
import {
  type KafkaConnection,
  makeTopic,
  openTopic,
  openTopicWriter,
  shortenTopic,
  type Topic,
  type TopicWriter,
} from "../../src/platform/kafka/topic.ts";
import { type LogReader, postgresLog } from "../../src/platform/log.ts";
import type { TestOptions } from "../kit/app.ts";
import { until } from "../kit/until.ts";
import { startSmall } from "../platform/small.ts";

/** A company of `notes` and `ears` whose topics nobody else has. `more`: other settings. */
export async function startPairOn(brokers: Brokers, more: TestOptions["config"] = {}) {
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  const kafka = { brokers: brokers.addresses.split(","), prefix, tls: null, sasl: null };
  const small = await startSmall({ config: { ...more, kafka } });
  const connection: KafkaConnection = { bootstrapBrokers: kafka.brokers, prefix };
  const log = postgresLog(small.app.readerOf("notes"), "notes");
  const opened: { close: () => Promise<void> }[] = [];
  after(async () => {
    for (const one of opened) await one.close();
  });
  const open = <T extends { close: () => Promise<void> }>(one: T): T => {
    opened.push(one);
    return one;
  };
  let written = 0;
  return {
    small,
    connection,
    log,
    topic: () => open(openTopic(connection, "notes")),
    writer: () => open(openTopicWriter(connection, "notes")),
    /** Logged, not relayed. */
    write: async (count: number, text = "") => {
      const notes = Array.from({ length: count }, (): [string, number, string] => [
        ...([`key${written % 40}`, ++written, text] as const),
      ]);
      await small.write(...notes);
      await small.part("notes", "sequencer");
    },
    relay: () => drain(() => small.part("notes", "relay")),
    /** The relay has brought the whole log into the topic, whatever stood in its way at first. */
    relayedAll: async () => {
      const topic = open(openTopic(connection, "notes"));
      let found = new Set<string>();
      await until(
        async () => {
          await drain(() => small.part("notes", "relay")).catch(() => {});
          found = new Set((await recordsIn(topic).catch(() => [])).map(({ id }) => id));
          return found.size === written || undefined;
        },
        { withinMs: 60_000, everyMs: 100, late: () => `the topic holds ${found.size} of ${written} events` },
      );
    },
    hear: () => drain(() => small.part("ears", "consumer:on-note")),
    relayOf: (writer: TopicWriter, reader: LogReader = log): Relay =>
      open(
        createRelay({
          ...{ topic: openTopic(connection, "notes"), writer, log: reader, partitions: () => allPartitions },
          make: () => makeTopic(connection, "notes"),
          shorten: (places) => shortenTopic(connection, "notes", places),
          onRelayed: async () => {},
          logger: pino({ level: "silent" }),
        }),
      ),
    /** All events were heard once, each key in its order. */
    assertHeard: async () => {
      const heard = await small.sql("ears")<{ key: string; n: number }>("select key, n from heard order by at");
      assert.deepEqual(
        heard.map(({ n }) => n).sort((a, b) => a - b),
        Array.from({ length: written }, (_, i) => i + 1),
      );
      const last = new Map<string, number>();
      for (const { key, n } of heard) {
        assert(n > (last.get(key) ?? 0), `${key}: ${n} behind ${last.get(key)}`);
        last.set(key, n);
      }
    },
  };
}

/** Passes until there is nothing to do; returns how much was done. */
export async function drain(pass: () => Promise<number>): Promise<number> {
  let all = 0;
  for (let did = await pass(); did > 0; did = await pass()) all += did;
  return all;
}

/** Everything that a topic holds, as it stands there. */
export async function recordsIn(topic: Topic): Promise<LogRow[]> {
  const next = new Map([...(await topic.ends())].map(([partition, { first }]) => [partition, first]));
  const found: LogRow[] = [];
  for (let parts = await topic.read(next); parts.size > 0; parts = await topic.read(next)) {
    for (const [partition, part] of parts) {
      found.push(...part.records.map(({ event }) => event));
      next.set(partition, part.next);
    }
  }
  return found;
}
