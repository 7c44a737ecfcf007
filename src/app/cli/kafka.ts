/** `popug kafka topics`: makes, checks and shows the topics of the logs. */
import type { Command } from "commander";
import { readConfig } from "../../config.ts";
import type { KafkaConnection } from "../../platform/kafka/topic.ts";
import { allServices } from "../services.ts";
import { CommandFailed } from "./command-failed.ts";
import { table } from "./table.ts";

export function addKafka(program: Command): void {
  const topics = program
    .command("kafka")
    .description("The Kafka cluster that KAFKA_BROKERS names.")
    .command("topics")
    .description("One topic for each service that says something, with the partitions of its log.");
  topics
    .command("create")
    .description("Make those that are not there; a service that may, makes its own when it starts.")
    .action(async () => {
      const { connection, sources, makeTopic } = await cluster();
      for (const source of sources) {
        const made = await makeTopic(connection, source);
        process.stdout.write(`${connection.prefix}.${source} ${made ? "is made" : "is there already"}.\n`);
      }
    });
  topics
    .command("check")
    .description("Look whether all of them can carry a log safely: partitions, replicas, settings.")
    .action(async () => {
      const problems = (await describeAll()).flatMap(({ source, state }) =>
        state === undefined ? [`There is no topic for ${source}: npx popug kafka topics create`] : state.problems,
      );
      if (problems.length > 0) throw new CommandFailed(problems.join("\n"));
      process.stdout.write("All topics are as they have to be.\n");
    });
  topics
    .command("describe")
    .description("Show leaders and replicas of all partitions.")
    .action(async () => {
      const rows = (await describeAll()).flatMap(({ state }) =>
        (state?.partitions ?? []).map((it) => [state?.topic ?? "", it.partition, it.leader, it.replicas, it.inSync]),
      );
      process.stdout.write(table(["topic", "partition", "leader", "replicas", "in sync"], rows));
    });
}

async function describeAll() {
  const { connection, sources, describeTopic } = await cluster();
  const found = [];
  for (const source of sources) found.push({ source, state: await describeTopic(connection, source) });
  return found;
}

async function cluster() {
  const config = readConfig();
  if (config.kafka === null) throw new CommandFailed("Set KAFKA_BROKERS to the brokers of a cluster.");
  // Only where there is a cluster: the client is large.
  const [{ connectionTo }, topic] = await Promise.all([import("../kafka.ts"), import("../../platform/kafka/topic.ts")]);
  const connection: KafkaConnection = connectionTo(config.kafka);
  const sources = allServices(config.settings).filter(({ publishes }) => publishes.length > 0);
  return { ...topic, connection, sources: sources.map(({ name }) => name) };
}
