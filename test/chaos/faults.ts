/** What can happen to a cluster under load. A fault is drawn whole before it begins, so that its seed repeats it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Broker } from "../../cluster/brokers.ts";
import type { Load } from "../campaigns/load.ts";
import type { Random } from "../kit/random.ts";
import type { Link } from "../kit/tcp-proxy.ts";
import type { Cluster } from "./cluster.ts";
import { loseNewest } from "./lost-records.ts";

export type Fault = {
  /** Of two at once neither stands in the way of what the other needs to end. */
  area: "copies" | "kafka" | "databases" | "links";
  /** What kind it is, and to whom it happens. */
  kind: string;
  to: string;
  /** Resolves when the fault is over; who it happened to may still recover. Returns what is worth telling. */
  run: () => Promise<unknown>;
};

type Draw = (cluster: Cluster, random: Random, load: Load) => Omit<Fault, "area" | "kind">;

const WITH_KAFKA = "a way to Kafka fails";

/** How often each is drawn. */
const kinds: readonly [share: number, area: Fault["area"], kind: string, draw: Draw][] = [
  [14, "copies", "kill -9 of a copy", oneCopy("SIGKILL")],
  [8, "copies", "SIGTERM of a copy", oneCopy("SIGTERM")],
  [10, "copies", "a copy is paused", pausedCopy],
  [4, "copies", "a rolling restart", rollingRestart],
  [9, "kafka", "kill -9 of a broker", killedBroker],
  [5, "kafka", "kill -9 of the controller", killedController],
  [6, "kafka", "a broker is paused", pausedBroker],
  [4, "kafka", "Kafka is wiped", wipedKafka],
  [6, "kafka", "the newest records of a topic are lost", lostRecords],
  [14, "databases", "an immediate stop of a PostgreSQL server", stoppedServer],
  [16, "links", "a way to PostgreSQL fails", failingLinks(toPostgres)],
  [12, "links", WITH_KAFKA, failingLinks(toKafka)],
];

/** One fault, or two at once. */
export function drawFaults(cluster: Cluster, random: Random, load: Load): Fault[] {
  const first = drawFault(cluster, random, load);
  const second = random.chance(0.25) ? drawFault(cluster, random, load) : first;
  return second.area === first.area ? [first] : [first, second];
}

function drawFault(cluster: Cluster, random: Random, load: Load): Fault {
  const possible = kinds.filter(
    ([, area, kind]) => cluster.brokers.length > 0 || (area !== "kafka" && kind !== WITH_KAFKA),
  );
  let at = random.below(possible.reduce((sum, [share]) => sum + share, 0));
  for (const [share, area, kind, draw] of possible) {
    if (at < share) return { area, kind, ...draw(cluster, random, load) };
    at -= share;
  }
  return assert.fail();
}

const secondsOf = (random: Random, most: number) => random.below(most * 1_000);

function oneCopy(signal: "SIGKILL" | "SIGTERM"): Draw {
  return (cluster, random) => {
    const copy = random.pick(cluster.copies);
    const afterMs = secondsOf(random, 8);
    const run = async () => {
      await copy.signal(signal);
      await delay(afterMs);
      await cluster.bringBack(copy);
    };
    return { to: `${copy.services.join()} at ${copy.url}, away for ${afterMs} ms`, run };
  };
}

function pausedCopy({ copies }: Cluster, random: Random) {
  const copy = random.pick(copies);
  // Longer and shorter than it takes to be given up by the others.
  const afterMs = secondsOf(random, 10);
  const run = async () => {
    await copy.signal("SIGSTOP");
    await delay(afterMs);
    await copy.signal("SIGCONT");
  };
  return { to: `${copy.services.join()} at ${copy.url}, for ${afterMs} ms`, run };
}

function rollingRestart(cluster: Cluster, _: Random, load: Load) {
  const run = async () => {
    for (const copy of cluster.copies) {
      await copy.signal("SIGTERM");
      // People go on working through the other one.
      await load.nextAnswer();
      await cluster.bringBack(copy);
    }
  };
  return { to: "all copies, one after the other", run };
}

async function killedFor(broker: Broker, afterMs: number): Promise<void> {
  await broker.kill();
  await delay(afterMs);
  await broker.start();
}

function killedBroker({ brokers }: Cluster, random: Random) {
  const broker = random.pick(brokers);
  const afterMs = secondsOf(random, 10);
  return { to: `${broker.home}, away for ${afterMs} ms`, run: () => killedFor(broker, afterMs) };
}

function killedController({ brokers }: Cluster, random: Random) {
  const afterMs = secondsOf(random, 10);
  return { to: `away for ${afterMs} ms`, run: async () => killedFor(await controllerOf(brokers), afterMs) };
}

/** The one that most lately was voted for, as each broker notes it. */
async function controllerOf(brokers: readonly Broker[]): Promise<Broker> {
  let newest = { leaderId: -1, leaderEpoch: -1 };
  for (const { home } of brokers) {
    const noted = JSON.parse(await readFile(join(home, "data/__cluster_metadata-0/quorum-state"), "utf8"));
    if (noted.leaderEpoch > newest.leaderEpoch || newest.leaderId === -1) newest = noted;
  }
  return brokers[newest.leaderId - 1] ?? assert.fail(`no broker is the controller: ${JSON.stringify(newest)}`);
}

function pausedBroker({ brokers }: Cluster, random: Random) {
  const broker = random.pick(brokers);
  const afterMs = secondsOf(random, 12);
  const run = async () => {
    broker.signal("SIGSTOP");
    await delay(afterMs);
    broker.signal("SIGCONT");
  };
  return { to: `${broker.home}, for ${afterMs} ms`, run };
}

function wipedKafka({ kafka }: Cluster) {
  return { to: "all of it", run: async () => kafka?.wipe() };
}

function lostRecords({ brokers }: Cluster, random: Random) {
  const topic = random.pick(["popug.tasks", "popug.accounting"]);
  const newestMs = 3_000 + secondsOf(random, 30);
  const run = async () => {
    await Promise.all(brokers.map((broker) => broker.kill()));
    const since = new Date(Date.now() - newestMs);
    const bytes = await Promise.all(brokers.map(({ home }) => loseNewest(home, topic, since)));
    await Promise.all(brokers.map((broker) => broker.start()));
    return `${bytes.join(", ")} bytes`;
  };
  return { to: `${topic}, ${newestMs} ms`, run };
}

function stoppedServer({ servers }: Cluster, random: Random) {
  const server = random.pick(servers);
  const afterMs = secondsOf(random, 5);
  const run = async () => {
    await server.crash();
    await delay(afterMs);
    await server.start();
  };
  return { to: `of ${server.services.join()}, away for ${afterMs} ms`, run };
}

type Ways = { links: readonly Link[]; to: string };

/** Of one copy to one server, of one copy to all, or of all copies to one. */
function toPostgres({ databaseLinks, servers }: Cluster, random: Random): Ways {
  const copy = random.below(databaseLinks.length);
  const server = random.pick(servers);
  const links = databaseLinks.flatMap((ways, index) => [...ways].map(([to, link]) => ({ index, to, link })));
  const names = server.services.join();
  const [to, chosen]: [string, typeof links] = random.pick([
    [`from copy ${copy} to ${names}`, links.filter((way) => way.index === copy && way.to === server)],
    [`from copy ${copy} to all`, links.filter((way) => way.index === copy)],
    [`from all copies to ${names}`, links.filter((way) => way.to === server)],
  ]);
  return { links: chosen.map(({ link }) => link), to };
}

/** To one broker, or to all of them; brokers still reach one another. */
function toKafka({ brokerLinks }: Cluster, random: Random): Ways {
  const broker = random.below(brokerLinks.length);
  return random.chance(0.25)
    ? { links: brokerLinks, to: "to all brokers" }
    : { links: brokerLinks.slice(broker, broker + 1), to: `to broker ${broker + 1}` };
}

function failingLinks(choose: (cluster: Cluster, random: Random) => Ways): Draw {
  return (cluster, random) => {
    const { links, to } = choose(cluster, random);
    const how = random.pick(["cut", "silence", "forget", "slow"] as const);
    const afterMs = secondsOf(random, 15);
    const byMs = 20 + random.below(300);
    const run = async () => {
      for (const link of links) link[how](byMs);
      await delay(afterMs);
      for (const link of links) link.mend();
    };
    return { to: `${how} ${to}, ${how === "slow" ? `by ${byMs} ms, ` : ""}for ${afterMs} ms`, run };
  };
}
