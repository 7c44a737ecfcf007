/**
 * Three Kafka brokers on this machine, which are also their own controllers (KRaft), for development and tests: bounded memory,
 * loopback only. They end with this process, however it ends.
 */
import { execFile, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { type Supervised, supervise } from "../src/platform/embedded/supervisor.ts";
import { freePort } from "../test/kit/free-port.ts";
import { until } from "../test/kit/until.ts";

const run = promisify(execFile);
const pom = resolve(import.meta.dirname, "pom.xml");
const MIN_JAVA = 17;
const READY_WITHIN_MS = 120_000;
/** Small heaps and quick starts; a broker that works for a day would want others. */
const JVM = ["-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"];
const LOGGING = [
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
  "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
];
const STARTED = "Kafka Server started";
const me = { name: "this user", uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1, spawn: {}, prefix: [] };

/** A sentence that says what is missing for brokers on this machine; undefined when nothing is. */
export function whyNoBrokers(): string | undefined {
  const java = spawnSync("java", ["-version"], { encoding: "utf8" });
  const version = Number(/version "(\d+)/.exec(java.stderr ?? "")?.[1] ?? 0);
  if (version < MIN_JAVA) return `A Kafka broker needs Java ${MIN_JAVA} or newer, which is not on this machine.`;
  if (spawnSync("mvn", ["-v"]).status !== 0)
    return "The jars of a Kafka broker come with Maven, which is not on this machine.";
  return undefined;
}

/** Fetches the jars once; returns the folder that holds them. */
export async function brokerJars(): Promise<string> {
  const hash = createHash("sha256").update(readFileSync(pom)).digest("hex").slice(0, 12);
  const folder = resolve(import.meta.dirname, "jars", hash);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${process.pid}`;
  const goal = "dependency:copy-dependencies";
  await run("mvn", ["-B", "-q", "-f", pom, goal, "-DincludeScope=runtime", `-DoutputDirectory=${draft}`]);
  // Somebody else may have been quicker; the same jars are there then.
  await rename(draft, folder).catch(() => rm(draft, { recursive: true, force: true }));
  return folder;
}

export type Broker = {
  /** Its folder; `data` in it is what it keeps. */
  home: string;
  /** Resolves when it has started. */
  start: () => Promise<void>;
  /** At once, as a power cut does. */
  kill: () => Promise<void>;
  /** SIGSTOP and SIGCONT: it stands still, and goes on. */
  signal: (name: "SIGSTOP" | "SIGCONT") => void;
};

export type Brokers = {
  /** As `KAFKA_BROKERS`. */
  addresses: string;
  each: readonly Broker[];
  /** All of them anew, as machines that never held anything; resolves when all three are ready. */
  wipe: () => Promise<void>;
  stop: () => Promise<void>;
};

/** A listener beside the open one, to which clients come encrypted and by name. */
export type Secured = { certificate: string; key: string; user: string; password: string };

/**
 * Starts them in a folder that is theirs alone; resolves when all three are ready.
 * @param options.secured clients come to that listener alone
 * @param options.through opens another way to a port, by which clients come to the broker that listens there
 */
export async function startBrokers(
  folder: string,
  { secured, through }: { secured?: Secured; through?: (port: number) => Promise<number> } = {},
): Promise<Brokers> {
  const jars = await brokerJars();
  const java = (await run("/bin/sh", ["-c", "command -v java"])).stdout.trim();
  const nodes: Node[] = [];
  for (const id of [1, 2, 3]) {
    const home = join(folder, String(id));
    const port = await freePort();
    const told = (await through?.(port)) ?? port;
    nodes.push({ id, home, port, told, controller: await freePort(), among: await freePort() });
  }
  const voters = nodes.map(({ id, controller }) => `${id}@127.0.0.1:${controller}`).join(",");
  for (const node of nodes) await writeConfig(node, voters, secured);
  await format(java, jars, nodes, secured);
  const each = nodes.map(({ home }) => brokerIn(home, [java, ...JVM, ...LOGGING, "-cp", `${jars}/*`, "kafka.Kafka"]));
  const start = async () => {
    await Promise.all(each.map((broker) => broker.start()));
  };
  const stop = async () => {
    await Promise.all(each.map((broker) => broker.kill()));
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    addresses: nodes.map(({ told }) => `127.0.0.1:${told}`).join(","),
    each,
    wipe: async () => {
      await stop();
      await format(java, jars, nodes, secured);
      await start();
    },
    stop,
  };
}

/** `told`: where clients come to it; `among`: where brokers come to one another. */
type Node = { id: number; home: string; port: number; told: number; controller: number; among: number };

async function writeConfig(
  { id, home, port, told, controller, among }: Node,
  voters: string,
  secured: Secured | undefined,
): Promise<void> {
  await mkdir(home, { recursive: true });
  const config = {
    "process.roles": "broker,controller",
    "node.id": id,
    "controller.quorum.voters": voters,
    listeners: `CLIENT://127.0.0.1:${port},AMONG://127.0.0.1:${among},CONTROLLER://127.0.0.1:${controller}`,
    "advertised.listeners": `CLIENT://127.0.0.1:${told},AMONG://127.0.0.1:${among}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "AMONG",
    "listener.security.protocol.map": `CLIENT:${secured ? "SASL_SSL" : "PLAINTEXT"},AMONG:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    ...(secured && security(secured)),
    "log.dirs": join(home, "data"),
    "auto.create.topics.enable": false,
    "default.replication.factor": 3,
    "min.insync.replicas": 2,
    // One that was killed is missed soon; the default is nine seconds.
    "broker.session.timeout.ms": 6_000,
    "replica.lag.time.max.ms": 6_000,
    "num.network.threads": 2,
    "num.io.threads": 2,
    "num.recovery.threads.per.data.dir": 1,
    "log.cleaner.dedupe.buffer.size": 2_097_152,
  };
  const lines = Object.entries(config).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(home, "server.properties"), lines.join(""));
}

/** A file of properties has one line for each; `\n` in it is a new line. */
const oneLine = (pem: string) => pem.trim().replaceAll("\n", "\\n");

function security({ certificate, key, user, password }: Secured): Record<string, string> {
  const modules = "org.apache.kafka.common.security";
  return {
    "ssl.keystore.type": "PEM",
    "ssl.keystore.certificate.chain": oneLine(certificate),
    "ssl.keystore.key": oneLine(key),
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
    "listener.name.client.plain.sasl.jaas.config": `${modules}.plain.PlainLoginModule required user_${user}="${password}";`,
    "listener.name.client.scram-sha-512.sasl.jaas.config": `${modules}.scram.ScramLoginModule required;`,
  };
}

/** Kafka's own tool formats the first one's folder; the others differ from it in two lines, and a JVM less is started for each. */
async function format(java: string, jars: string, nodes: readonly Node[], secured: Secured | undefined): Promise<void> {
  for (const { home } of nodes) {
    await rm(join(home, "data"), { recursive: true, force: true });
    await mkdir(join(home, "data"));
  }
  const [first, ...others] = nodes as [Node, ...Node[]];
  const cluster = randomBytes(16).toString("base64url").replace(/^-/, "A");
  const words = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", join(first.home, "server.properties")];
  if (secured) words.push("--add-scram", `SCRAM-SHA-512=[name=${secured.user},password=${secured.password}]`);
  await run(java, [...JVM, "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", `${jars}/*`, ...words]);
  const meta = await readFile(join(first.home, "data/meta.properties"), "utf8");
  for (const { id, home } of others) {
    const directory = randomBytes(16).toString("base64url").replace(/^-/, "A");
    const own = meta
      .replace(/^node\.id=.*$/m, `node.id=${id}`)
      .replace(/^directory\.id=.*$/m, `directory.id=${directory}`);
    await writeFile(join(home, "data/meta.properties"), own);
    await cp(join(first.home, "data/bootstrap.checkpoint"), join(home, "data/bootstrap.checkpoint"));
  }
}

function brokerIn(home: string, command: readonly string[]): Broker {
  let running: Supervised | undefined;
  return {
    home,
    start: async () => {
      await rm(join(home, "broker.log"), { force: true });
      const started = await supervise({
        command: [...command, join(home, "server.properties")],
        ...{ user: me, cwd: home, log: "broker.log" },
      });
      running = started;
      started.hold(false);
      let ended = false;
      void started.ended.then(() => (ended = true));
      const said = () => readFile(join(home, "broker.log"), "utf8").catch(() => "");
      let last = "";
      await until(
        async () => {
          last = await said();
          if (ended) throw new Error(`a broker ended:\n${last.slice(-2_000)}`);
          return last.includes(STARTED) || undefined;
        },
        { withinMs: READY_WITHIN_MS, everyMs: 100, late: () => `a broker is not ready:\n${last.slice(-2_000)}` },
      );
    },
    kill: async () => {
      if (running === undefined) return;
      signalTo(running.pid, "SIGKILL");
      running.hold(true);
      await running.ended;
      running = undefined;
    },
    signal: (name) => {
      if (running !== undefined) signalTo(running.pid, name);
    },
  };
}

function signalTo(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
