/**
 * Runs the tests: one database server for all files, Node's own test runner, and a closing line `N passed, N failed`.
 * `--long` runs the full campaigns, and identity in full counts, instead of a part of each; `--web` the whole matrix of
 * the app in a browser, `--security` what needs tools and servers of others; `--only journeys services` takes these
 * folders of `test`; other arguments name files.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { createInterface } from "node:readline";
import { buildWeb } from "../src/app/build-web.ts";
import { startServer } from "./kit/server.ts";

const args = process.argv.slice(2);
const long = args.includes("--long");
const web = args.includes("--web");
const named = args.filter((arg) => !arg.startsWith("--"));
const security = args.includes("--security");
const below = (folder: string) => globSync(`test/${folder}/**/*.test.ts`);
const files = args.includes("--only")
  ? named.flatMap(below).sort()
  : named.length > 0
    ? named
    : below(long ? "{campaigns,identity}" : web ? "web" : security ? "security" : "")
        .filter((file) => security || !file.startsWith("test/security/"))
        .sort();

// Once and before the clock of any test runs; else the first start of the product would do it.
await buildWeb((sentence) => console.log(sentence));
const server = await startServer();
const runner = spawn(
  process.execPath,
  [
    "--test",
    "--test-concurrency=2",
    // A test that fails may leave its application running; that must not hold up the rest.
    "--test-force-exit",
    `--test-timeout=${long || web ? 3_600_000 : 600_000}`,
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
      FORCE_COLOR: "0",
    },
  },
);
const counts: Record<string, number> = {};
for await (const line of createInterface({ input: runner.stdout })) {
  console.log(line);
  const count = /^ℹ (pass|fail|cancelled|skipped|tests) (\d+)$/.exec(line);
  if (count) counts[count[1] as string] = Number(count[2]);
}
if (runner.exitCode === null) await once(runner, "exit");
await server.stop();

const failed = (counts["fail"] ?? 0) + (counts["cancelled"] ?? 0);
const passed = counts["pass"] ?? 0;
console.log(`${passed} passed, ${failed} failed, ${counts["skipped"] ?? 0} skipped`);
process.exit(runner.exitCode === 0 && failed === 0 && passed > 0 ? 0 : 1);
