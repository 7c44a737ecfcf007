/**
 * `npm run cluster`: the third size on one machine, for development: a PostgreSQL server for each service, three Kafka brokers
 * (or those of `KAFKA_BROKERS`), two copies of each service, an entry. A demo in a folder that goes with it.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildWeb } from "../src/app/build-web.ts";
import { onParentGone } from "../src/platform/embedded/parent.ts";
import { startPostgres } from "../src/platform/embedded/postgres.ts";
import { layOut } from "../test/kit/processes.ts";
import { startBrokers, whyNoBrokers } from "./brokers.ts";

const SERVICES = ["auth", "tasks", "accounting", "analytics", "notifications"];
/** Two copies of each; people come in at the first. */
const LAYOUT = [
  ["auth", "analytics", "notifications"],
  ["auth", "analytics", "notifications"],
  ["tasks", "accounting"],
  ["tasks", "accounting"],
];
/** Data that is thrown away need not survive a power cut. */
const POSTGRES = { fsync: "off", shared_buffers: "32MB", max_connections: "150" };

const missing = process.env["KAFKA_BROKERS"] ? undefined : whyNoBrokers();
if (missing === undefined) await run();
else console.log(`${missing} Set KAFKA_BROKERS to a cluster that is there.`);

async function run(): Promise<void> {
  const begun = performance.now();
  const undo: (() => unknown)[] = [];
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => ask());
  onParentGone(ask);
  const until = async <T>(work: Promise<T>): Promise<T> =>
    Promise.race([work, asked.then(() => Promise.reject(new Stopped("stopped before it was ready")))]);
  try {
    const folder = await mkdtemp(join(tmpdir(), "popug-cluster-"));
    undo.push(goesWithUs(folder));
    await mkdir(join(folder, "secrets"), { mode: 0o700 });
    await writeFile(join(folder, "secrets/database-roles"), randomBytes(32).toString("base64url"), { mode: 0o600 });
    const [brokers, urls] = await until(
      Promise.all([kafka(folder, undo), postgres(folder, undo), buildWeb(console.log)]),
    );
    const processes = await layOut(LAYOUT, { ...urls, KAFKA_BROKERS: brokers, POPUG_DATA: folder, POPUG_LOG: "warn" });
    undo.push(processes.stop);
    await until(Promise.all(processes.copies.map((copy) => copy.start())));
    console.log(`POPUG_DATA=${folder}`);
    console.log(`KAFKA_BROKERS=${brokers}`);
    for (const [name, url] of Object.entries(urls)) console.log(`${name}=${url}`);
    for (const { services, url } of processes.copies) console.log(`${url} runs ${services.join(", ")}`);
    console.log(`The cluster is ready after ${Math.round((performance.now() - begun) / 1_000)} s: ${processes.url}`);
    await asked;
  } catch (error) {
    if (!(error instanceof Stopped)) console.error(error);
    process.exitCode = error instanceof Stopped ? 0 : 1;
  }
  for (const step of undo.reverse()) await Promise.resolve(step()).catch(console.error);
  process.exit();
}

class Stopped extends Error {}

/**
 * Removes the folder when we end in whatever way: what runs in it ends within 25 s of a kill -9, and then a shell that waits for
 * the end of its input removes it. Returns what removes it at once.
 */
function goesWithUs(folder: string): () => void {
  const script = 'while read -r line; do :; done; sleep 25; rm -rf "$1"';
  const shell = spawn("/bin/sh", ["-c", script, "popug-cluster", folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  return () => {
    shell.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  };
}

async function kafka(folder: string, undo: (() => unknown)[]): Promise<string> {
  if (process.env["KAFKA_BROKERS"]) return process.env["KAFKA_BROKERS"];
  const brokers = await startBrokers(join(folder, "kafka"));
  undo.push(brokers.stop);
  return brokers.addresses;
}

/** One server each; they answer on sockets that nobody else can reach. */
async function postgres(folder: string, undo: (() => unknown)[]): Promise<Record<string, string>> {
  const urls: Record<string, string> = {};
  const start = async (service: string) => {
    const server = await startPostgres({ dataDir: join(folder, "postgres", service), settings: POSTGRES });
    undo.push(() => server.stop("immediate"));
    const { host, port, user, database } = server.connection;
    urls[`DATABASE_URL_${service.toUpperCase()}`] =
      `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
  };
  await Promise.all(SERVICES.map(start));
  return urls;
}
