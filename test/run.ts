/**
 * Runs the tests: one database server for all files, Node's own test runner, and a closing line `N passed, N failed`.
 * `--long` runs the full campaigns, and identity in full counts, instead of a part of each; `--web` the whole matrix of
 * the app in a browser, `--security` what needs tools and servers of others, `--cluster` what needs Kafka brokers,
 * `--chaos` faults on a whole cluster;
 * `--only journeys services` takes these folders of `test`; other arguments name files.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { delimiter } from "node:path";
import { createInterface } from "node:readline";
import { brokerJars, whyNoBrokers } from "../cluster/brokers.ts";
import { buildWeb } from "../src/app/build-web.ts";
import { startServer } from "./kit/server.ts";
import { preparePython } from "./security/python.ts";

const args = process.argv.slice(2);
const long = args.includes("--long");
const named = args.filter((arg) => !arg.startsWith("--"));
/** Folders that are runs of their own, and are left out of the one without words. */
const apart = ["security", "cluster", "chaos"];
/** Take their time, and are a part of the app's whole matrix. */
const matrixOnly = ["states", "kitchen", "print", "recorded-session", "layout-shift"].map(
  (name) => `test/web/${name}.test.ts`,
);
const suite = ["web", ...apart].find((name) => args.includes(`--${name}`));
const [web, security, chaos] = ["web", "security", "chaos"].map((name) => suite === name);
const below = (folder: string) => globSync(`test/${folder}/**/*.test.ts`);
const files = args.includes("--only")
  ? named.flatMap(below).sort()
  : named.length > 0
    ? named
    : below(long ? "{campaigns,identity}" : (suite ?? ""))
        .filter((file) => !apart.some((name) => name !== suite && file.startsWith(`test/${name}/`)))
        .filter((file) => web || !matrixOnly.includes(file))
        .sort();

// Once and before the clock of any test runs; else the first start of the product would do it.
await buildWeb((sentence) => console.log(sentence));
// Two files at once would fetch the same jars into the same place.
if (files.some((file) => /^test\/(cluster|chaos)\//.test(file)) && whyNoBrokers() === undefined) await brokerJars();
const programs = security ? preparePython((sentence) => console.log(sentence)) : null;
const server = await startServer();
const runner = spawn(
  process.execPath,
  [
    "--test",
    // One cluster at a time is enough for a machine.
    `--test-concurrency=${chaos ? 1 : 2}`,
    // A test that fails may leave its application running; that must not hold up the rest.
    "--test-force-exit",
    `--test-timeout=${long || web || chaos || security ? 7_200_000 : 600_000}`,
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    ...files,
  ],
  {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      POPUG_TEST_SERVER: JSON.stringify({ admin: server.admin, template: server.template }),
      ...(long && { POPUG_LONG: "1" }),
      ...(web && { POPUG_WEB: "all" }),
      ...(programs !== null && { PATH: `${programs}${delimiter}${process.env["PATH"]}` }),
      FORCE_COLOR: "0",
    },
  },
);
// Listened for from the beginning: a runner that is killed may be gone before its last line is read.
const ended = once(runner, "close") as Promise<[code: number | null, signal: NodeJS.Signals | null]>;
// Whoever ends this run ends the tests, too, and still learns how far they came.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => runner.kill("SIGTERM"));
const counts: Record<string, number> = {};
/** For a runner that ends before it has counted. */
let seen = 0;
for await (const line of createInterface({ input: runner.stdout })) {
  console.log(line);
  if (/^ +✔ /.test(line)) seen += 1;
  const count = /^ℹ (pass|fail|cancelled|skipped|tests) (\d+)$/.exec(line);
  if (count) counts[count[1] as string] = Number(count[2]);
}
const [code, signal] = await ended;
const isCounted = counts["tests"] !== undefined;
if (!isCounted)
  console.log(`The tests ended too soon (${signal ?? `exit code ${code}`}): what stands here is not all.`);
await server.stop().catch((error: unknown) => console.error("The database of the tests did not end well:", error));

const failed = (counts["fail"] ?? 0) + (counts["cancelled"] ?? 0) + (isCounted ? 0 : 1);
const passed = counts["pass"] ?? seen;
const skipped = counts["skipped"] ?? 0;
// CI installs all tools of others: what is skipped there is something that nobody looked at.
const overlooked = security && process.env["CI"] !== undefined && skipped > 0;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(code === 0 && failed === 0 && passed > 0 && !overlooked ? 0 : 1);
