/** The Kafka cluster, where there is one: what services read instead of logs elsewhere, and what feeds it. */
import type { KafkaSettings } from "../config-kafka.ts";
import { kafkaLog } from "../platform/kafka/log.ts";
import { createRelay } from "../platform/kafka/relay.ts";
import {
  type KafkaConnection,
  makeTopic,
  openTopic,
  openTopicWriter,
  shortenTopic,
  type Topic,
} from "../platform/kafka/topic.ts";
import type { OpenLog } from "../platform/log.ts";
import type { OpenRelay } from "../platform/run-service.ts";

export type Kafka = {
  /** Reads from Kafka, and from where `openLog` reads what Kafka does not have. */
  over: (openLog: OpenLog) => OpenLog;
  openRelay: OpenRelay;
  /** Closes what reads; a relay is closed by its service. */
  stop: () => Promise<unknown>;
};

/** How a client is told of the cluster that the settings name. */
export const connectionTo = ({ brokers, prefix, tls, sasl }: KafkaSettings): KafkaConnection => ({
  bootstrapBrokers: brokers,
  prefix,
  ...(tls !== null && { tls }),
  ...(sasl !== null && { sasl }),
});

/** Connects when it is first read or written. */
export function openKafka(settings: KafkaSettings): Kafka {
  const connection = connectionTo(settings);
  const topics: Topic[] = [];
  return {
    over: (openLog) => (source, own) => {
      const topic = openTopic(connection, source);
      topics.push(topic);
      return kafkaLog(topic, openLog(source, own));
    },
    openRelay: ({ service, ...parts }) =>
      createRelay({
        ...parts,
        topic: openTopic(connection, service),
        writer: openTopicWriter(connection, service),
        make: () => makeTopic(connection, service),
        shorten: (before) => shortenTopic(connection, service, before),
      }),
    stop: () => Promise.all(topics.map((topic) => topic.close())),
  };
}
