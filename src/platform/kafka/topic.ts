/**
 * A Kafka topic that carries the log of a source: the same partitions, a record for each event, as a CloudEvent. What is in
 * it may be doubled, out of order, or missing: whoever reads goes by the positions in the events.
 */
import { Admin, type BaseOptions, Consumer, Producer } from "@platformatic/kafka";
import { allPartitions, fromCloudEvent, type LogRow, PARTITIONS, toCloudEvent } from "../event.ts";

/** How a cluster is reached. */
export type KafkaConnection = Pick<BaseOptions, "tls" | "sasl"> & {
  /** Some of its brokers, `host:port`. */
  bootstrapBrokers: string[];
  /** Begins the names of all topics. */
  prefix: string;
};

export type TopicRecord = { offset: bigint; event: LogRow };

/** Some records of a partition, and the offset behind them. */
export type TopicPart = { records: TopicRecord[]; next: bigint };

/** Offsets of the oldest record that is kept, and the one that the next record will have. */
export type Ends = { first: bigint; next: bigint };

export type Topic = {
  name: string;
  /** Another one for a topic that was made anew. */
  id: () => Promise<string>;
  ends: () => Promise<ReadonlyMap<number, Ends>>;
  /** Of each partition what stands from an offset on, in part; nothing only of those that end there. @throws OffsetGone */
  read: (from: ReadonlyMap<number, bigint>) => Promise<ReadonlyMap<number, TopicPart>>;
  /** Where in each partition what stands behind a position can be read; bisects, so it is for beginnings. */
  seek: (positions: ReadonlyMap<number, number>) => Promise<ReadonlyMap<number, bigint>>;
  close: () => Promise<void>;
};

/** The topic does not (or no more) hold what was asked for: it was shortened, made anew, or lost its newest records. */
export class OffsetGone extends Error {}

/** Of the events in one batch, as the relay counts them: a batch is less than what is read of a partition at once. */
export const BATCH_BYTES = 100 * 1024;
/** Of a partition and of a broker's answer, so that no batch of ours keeps another one out of it. */
const READ_BYTES_EACH = 128 * 1024;
const READ_BYTES = PARTITIONS * READ_BYTES_EACH;
/** A broker that is lost is noticed within a few seconds; the loop that asked tries again by itself. */
const limits = { timeout: 5_000, connectTimeout: 3_000, requestTimeout: 10_000, retries: 2, retryDelay: 200 };

const clientOf = ({ prefix, ...connection }: KafkaConnection, name: string) => ({
  ...connection,
  ...limits,
  clientId: `${prefix}-${name}`,
});

/** Where the log of a source goes. */
export const topicOf = ({ prefix }: KafkaConnection, source: string) => `${prefix}.${source}`;

/** Reads a topic; connects when it is first asked. */
export function openTopic(connection: KafkaConnection, source: string): Topic {
  const name = topicOf(connection, source);
  // A name that no group of its has: partitions are shared and places are kept in PostgreSQL.
  const consumer = new Consumer({ ...clientOf(connection, "reader"), groupId: `${connection.prefix}-none` });
  consumer.topics.trackAll(name);

  const id = () =>
    inCase(consumer, async () => (await consumer.metadata({ topics: [name] })).topics.get(name)?.id ?? "");

  const ends = () =>
    inCase(consumer, async () => {
      const [first, next] = await Promise.all([
        consumer.listOffsets({ topics: [name], timestamp: -2n }),
        consumer.listOffsets({ topics: [name], timestamp: -1n }),
      ]);
      const at = (offsets: typeof first, partition: number) => offsets.get(name)?.[partition] ?? 0n;
      return new Map(allPartitions.map((p) => [p, { first: at(first, p), next: at(next, p) }]));
    });

  /** Where partitions end, as brokers told with what they gave; they tell it again only when it is another place. */
  const told = new Map<number, bigint>();

  const read: Topic["read"] = (from) =>
    inCase(consumer, async () => {
      const known = (await consumer.metadata({ topics: [name] })).topics.get(name);
      const byLeader = new Map<number, [number, bigint][]>();
      for (const place of from) {
        const leader = known?.partitions[place[0]]?.leader ?? -1;
        byLeader.set(leader, [...(byLeader.get(leader) ?? []), place]);
      }
      const found = new Map<number, TopicPart>();
      const ask = async ([node, places]: [number, [number, bigint][]]) => {
        const wanted = places.map(([partition, fetchOffset]) => ({
          ...{
            partition,
            fetchOffset,
            currentLeaderEpoch: -1,
            lastFetchedEpoch: -1,
            partitionMaxBytes: READ_BYTES_EACH,
          },
        }));
        const { responses } = await consumer.fetch({
          ...{ node, topics: [{ topicId: known?.id ?? "", partitions: wanted }] },
          ...{ maxWaitTime: 0, minBytes: 0, maxBytes: READ_BYTES },
        });
        for (const { partitionIndex, highWatermark, records } of responses.flatMap((response) => response.partitions)) {
          told.set(partitionIndex, highWatermark);
          const all = (records ?? []).flatMap((batch) =>
            batch.records.map(({ offsetDelta, timestampDelta, value }) => ({
              offset: batch.firstOffset + BigInt(offsetDelta),
              at: batch.firstTimestamp + timestampDelta,
              value,
            })),
          );
          // Kafka gives whole batches.
          const asked = all.filter(({ offset }) => offset >= (from.get(partitionIndex) ?? 0n));
          const last = asked.at(-1);
          if (last !== undefined)
            found.set(partitionIndex, { records: asked.flatMap(readable), next: last.offset + 1n });
        }
      };
      const askAll = async ([node, places]: [number, [number, bigint][]]) => {
        await ask([node, places]);
        // A batch that is larger than what was asked for is given of the first partition alone.
        for (const [partition, offset] of places) {
          if (!found.has(partition) && (told.get(partition) ?? 0n) > offset) await ask([node, [[partition, offset]]]);
        }
      };
      await Promise.all([...byLeader].map(askAll));
      return found;
    });

  const seek: Topic["seek"] = async (positions) => {
    const all = await ends();
    const low = new Map([...positions.keys()].map((p) => [p, all.get(p)?.first ?? 0n]));
    const high = new Map([...positions.keys()].map((p) => [p, all.get(p)?.next ?? 0n]));
    for (;;) {
      const middles = new Map<number, bigint>();
      for (const [p, from] of low) {
        const to = high.get(p) ?? 0n;
        if (from < to) middles.set(p, (from + to) / 2n);
      }
      if (middles.size === 0) return low;
      const found = await read(middles);
      for (const [p, middle] of middles) {
        const records = found.get(p)?.records;
        if (records === undefined) throw new Error(`${name} does not tell what it has at ${middle} of partition ${p}`);
        const ahead = records.findIndex(({ event }) => event.position > (positions.get(p) ?? 0));
        const last = records[ahead === -1 ? records.length - 1 : ahead - 1];
        if (last === undefined) high.set(p, middle);
        else low.set(p, last.offset + 1n);
        if (ahead > 0) high.set(p, low.get(p) ?? 0n);
      }
    }
  };

  // One after the other: what was fetched from a broker is remembered there as a session, which bears no two at once.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn =
    <A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> => {
      const next = last.then(() => work(...args));
      last = next.catch(() => {});
      return next;
    };
  return {
    name,
    id: inTurn(id),
    ends: inTurn(ends),
    read: inTurn(read),
    seek: inTurn(seek),
    close: () => consumer.close(true),
  };
}

/** What somebody else wrote there is no event of ours, and as good as missing. */
function readable({ offset, at, value }: { offset: bigint; at: bigint; value: Buffer | null }): TopicRecord[] {
  try {
    const event = fromCloudEvent(JSON.parse(String(value)) as Record<string, unknown>);
    // Only traces want to know it.
    if (event.traceparent !== null) event.loggedAt = new Date(Number(at));
    return [{ offset, event }];
  } catch {
    return [];
  }
}

/** After any failure the cluster is looked at anew; those that say that an offset is no good there become `OffsetGone`. */
async function inCase<T>(consumer: Consumer, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    consumer.clearMetadata();
    if (saysOneOf(error, ["OFFSET_OUT_OF_RANGE", "UNKNOWN_TOPIC_ID", "INCONSISTENT_TOPIC_ID"])) {
      throw new OffsetGone("the topic does not hold that offset", { cause: error });
    }
    throw error;
  }
}

/** Whether one of Kafka's error codes is among an error and those that it gathers. */
export function saysOneOf(error: unknown, codes: readonly string[]): boolean {
  if (!(error instanceof Error)) return false;
  if ("apiId" in error && codes.includes(String(error.apiId))) return true;
  return (
    (error instanceof AggregateError && error.errors.some((one) => saysOneOf(one, codes))) ||
    saysOneOf(error.cause, codes)
  );
}

export type TopicWriter = {
  /** Resolves when all in-sync replicas have the events; by partition the offset that follows its last one. */
  append: (events: readonly LogRow[]) => Promise<ReadonlyMap<number, bigint>>;
  close: () => Promise<void>;
};

const contentType = new Map([[Buffer.from("content-type"), Buffer.from("application/cloudevents+json")]]);

/** Writes into the topic of a source; connects when it first writes. */
export function openTopicWriter(connection: KafkaConnection, source: string): TopicWriter {
  const topic = topicOf(connection, source);
  const producer = new Producer(clientOf(connection, "relay"));
  return {
    append: async (events) => {
      const messages = events.map((event) => ({
        ...{ topic, partition: event.partition, key: Buffer.from(event.key), headers: contentType },
        value: Buffer.from(JSON.stringify(toCloudEvent(event))),
      }));
      const { offsets } = await producer.send({ messages, acks: -1 });
      const counts = new Map<number, bigint>();
      for (const { partition } of events) counts.set(partition, (counts.get(partition) ?? 0n) + 1n);
      return new Map((offsets ?? []).map((o) => [o.partition, o.offset + (counts.get(o.partition) ?? 0n)]));
    },
    close: () => producer.close(true),
  };
}

/** Copies of each partition, and how many of them have to have a record before it counts as written. */
export const REPLICAS = 3;
const CONFIGS = {
  "min.insync.replicas": "2",
  "unclean.leader.election.enable": "false",
  "cleanup.policy": "delete",
  // What is gone from the log is deleted; nothing goes because of its age or size alone.
  "retention.ms": "-1",
  "retention.bytes": "-1",
};

/** Makes the topic of a source; false when it is there. */
export const makeTopic = (connection: KafkaConnection, source: string): Promise<boolean> =>
  withAdmin(connection, async (admin) => {
    try {
      await admin.createTopics({
        ...{ topics: [topicOf(connection, source)], partitions: PARTITIONS, replicas: REPLICAS },
        configs: Object.entries(CONFIGS).map(([name, value]) => ({ name, value })),
      });
      return true;
    } catch (error) {
      if (saysOneOf(error, ["TOPIC_ALREADY_EXISTS"])) return false;
      throw error;
    }
  });

/** Forgets the records in front of an offset, of each partition. */
export const shortenTopic = (
  connection: KafkaConnection,
  source: string,
  before: ReadonlyMap<number, bigint>,
): Promise<unknown> =>
  withAdmin(connection, (admin) =>
    admin.deleteRecords({
      topics: [
        {
          name: topicOf(connection, source),
          partitions: [...before].map(([partition, offset]) => ({ partition, offset })),
        },
      ],
    }),
  );

export type TopicState = {
  topic: string;
  partitions: { partition: number; leader: number; replicas: number; inSync: number }[];
  /** What keeps it from carrying a log safely; sentences. */
  problems: string[];
};

/** How the topic of a source is; undefined when it is not there. */
export const describeTopic = (connection: KafkaConnection, source: string): Promise<TopicState | undefined> =>
  withAdmin(connection, async (admin) => {
    const topic = topicOf(connection, source);
    if (!(await admin.listTopics()).includes(topic)) return undefined;
    const found = (await admin.metadata({ topics: [topic], forceUpdate: true })).topics.get(topic);
    const [described] = await admin.describeConfigs({ resources: [{ resourceType: 2, resourceName: topic }] });
    const partitions = (found?.partitions ?? []).map(({ leader, replicas, isr }, partition) => ({
      ...{ partition, leader, replicas: replicas.length, inSync: isr.length },
    }));
    const problems: string[] = [];
    if (partitions.length !== PARTITIONS) {
      problems.push(`${topic} has ${partitions.length} partitions; a log has ${PARTITIONS}`);
    }
    for (const { partition, replicas, inSync } of partitions) {
      if (replicas < REPLICAS)
        problems.push(`${topic}, partition ${partition}: ${replicas} replicas instead of ${REPLICAS}`);
      if (inSync < replicas)
        problems.push(`${topic}, partition ${partition}: ${inSync} of ${replicas} replicas are in sync`);
    }
    for (const [name, wanted] of Object.entries(CONFIGS)) {
      const value = described?.configs.find((config) => config.name === name)?.value;
      if (value !== wanted) problems.push(`${topic}: ${name} is ${value}, it has to be ${wanted}`);
    }
    return { topic, partitions, problems };
  });

async function withAdmin<T>(connection: KafkaConnection, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Admin(clientOf(connection, "admin"));
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}
