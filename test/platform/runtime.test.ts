import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

const repository = dirname(dirname(import.meta.dirname));
const scratch = mkdtempSync(join(tmpdir(), "popug-runtime-test-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** A preload by which Node takes itself for one that cannot run TypeScript. */
const oldNode = `data:text/javascript,${encodeURIComponent(
  'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.1.0" } })',
)}`;

/** A repository with our launcher, no dependencies, and a runtime/ whose Node is the present one. */
function checkout(name: string): string {
  const root = join(scratch, name);
  const runtimeBin = join(root, "runtime", "node_modules", "node", "bin");
  mkdirSync(runtimeBin, { recursive: true });
  mkdirSync(join(root, "src", "platform", "embedded"), { recursive: true });
  cpSync(join(repository, "bin"), join(root, "bin"), { recursive: true });
  cpSync(join(repository, "src/platform/embedded/parent.ts"), join(root, "src/platform/embedded/parent.ts"));
  symlinkSync(process.execPath, join(runtimeBin, "node"));
  for (const folder of [root, join(root, "runtime")]) {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "it", version: "1.0.0", type: "module" }));
    setLock(folder, "1.0.0");
  }
  writeFileSync(join(root, "runtime/node_modules/.package-lock.json"), JSON.stringify({ packages: {} }));
  return root;
}

function setLock(folder: string, version: string) {
  const packages = { "": { name: "it", version } };
  const lock = { name: "it", version, lockfileVersion: 3, requires: true, packages };
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify(lock));
}

type Run = {
  child: ChildProcess;
  out: string;
  err: string;
  end: Promise<{ code: number | null; signal: string | null }>;
};

function start(args: string[], options: { cwd?: string; path?: string } = {}): Run {
  const env = { ...process.env, PATH: options.path ?? process.env["PATH"], NODE_TEST_CONTEXT: undefined };
  const child = spawn(process.execPath, args, { cwd: options.cwd ?? scratch, env, stdio: ["ignore", "pipe", "pipe"] });
  const end = new Promise<{ code: number | null; signal: string | null }>((settle) =>
    child.once("close", (code, signal) => settle({ code, signal })),
  );
  const run: Run = { child, out: "", err: "", end };
  child.stdout.on("data", (chunk: Buffer) => {
    run.out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    run.err += chunk.toString();
  });
  return run;
}

async function until(what: string, condition: () => boolean, withinMs = 60_000) {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `not within ${withinMs} ms: ${what}`);
    await delay(10);
  }
}

function write(root: string, name: string, text: string): string {
  writeFileSync(join(root, name), text);
  return join(root, name);
}

const report = `
const facts: unknown = { argv: process.argv.slice(1), cwd: process.cwd(), channel: process.channel !== undefined };
console.log(JSON.stringify(facts));
`;

const service = `
import { writeFileSync } from "node:fs";
import { onParentGone } from "./src/platform/embedded/parent.ts";
const note = (word: string) => writeFileSync(process.argv[2]!, word, { flag: "a" });
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  process.on(signal, () => { note(signal + " "); setTimeout(() => process.exit(7), 50); });
}
onParentGone(() => { note("orphan "); process.exit(0); });
setInterval(() => {}, 1000);
console.log("up " + process.pid);
`;

test("a TypeScript file runs in the user's folder with its arguments, in this process where Node is new enough", async () => {
  const root = checkout("in process");
  write(root, "file.ts", report);
  const run = start([join(root, "bin/run.mjs"), "file.ts", "a", "b c"], { cwd: root });
  assert.deepEqual(await run.end, { code: 0, signal: null }, run.err);
  const facts = JSON.parse(run.out);
  assert.deepEqual(facts.argv, [join(root, "file.ts"), "a", "b c"]);
  assert.equal(facts.cwd, root);
  assert.equal(facts.channel, false);
});

test("an older Node hands over to the one that Popug brings, with the same folder, arguments and exit code", async () => {
  const root = checkout("handed over");
  const file = write(root, "file.ts", `${report}; process.exitCode = 5;`);
  const run = start(["--import", oldNode, join(root, "bin/run.mjs"), file, "a", "b c"]);
  assert.deepEqual(await run.end, { code: 5, signal: null }, run.err);
  const facts = JSON.parse(run.out);
  assert.deepEqual(facts.argv, [file, "a", "b c"]);
  assert.equal(facts.cwd, scratch);
  assert.equal(facts.channel, true);
});

test("the command popug runs src/main.ts", async () => {
  const root = checkout("command");
  write(root, "src/main.ts", report);
  const run = start([join(root, "bin/popug.mjs"), "status", "--json"]);
  assert.equal((await run.end).code, 0, run.err);
  assert.deepEqual(JSON.parse(run.out).argv.slice(1), ["status", "--json"]);
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  test(`${signal} reaches the program behind the launcher once, and its exit code comes back`, async () => {
    const root = checkout(`signal ${signal}`);
    const notes = join(root, "notes");
    const run = start(["--import", oldNode, join(root, "bin/run.mjs"), write(root, "file.ts", service), notes]);
    await until("the program is up", () => run.out.includes("up "));
    run.child.kill(signal);
    assert.deepEqual(await run.end, { code: 7, signal: null }, run.err);
    assert.equal(readFileSync(notes, "utf8"), `${signal} `);
  });
}

test("a program that a signal ended ends the launcher by the same signal", async () => {
  const root = checkout("killed");
  const file = write(root, "file.ts", 'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);');
  assert.deepEqual(await start(["--import", oldNode, join(root, "bin/run.mjs"), file]).end, {
    code: null,
    signal: "SIGKILL",
  });
});

test("a launcher killed with -9 takes its program with it, gracefully", async () => {
  const root = checkout("orphan");
  const notes = join(root, "notes");
  const run = start(["--import", oldNode, join(root, "bin/run.mjs"), write(root, "file.ts", service), notes]);
  await until("the program is up", () => run.out.includes("up "));
  run.child.kill("SIGKILL");
  await until("the program noticed", () => existsSync(notes) && readFileSync(notes, "utf8") === "orphan ");
});

test("watching the parent does not keep a program alive", async () => {
  const root = checkout("not alive");
  const watch = 'import { onParentGone } from "./src/platform/embedded/parent.ts"; onParentGone(() => {});';
  const run = start(["--import", oldNode, join(root, "bin/run.mjs"), write(root, "file.ts", watch)]);
  assert.equal((await run.end).code, 0, run.err);
});

test("dependencies are installed on the first start, again when the lock changed, and otherwise left alone", async () => {
  const root = checkout("install");
  const args = [join(root, "bin/run.mjs"), write(root, "file.ts", report)];
  const first = start(args);
  assert.equal((await first.end).code, 0, first.err);
  assert.match(first.err, /Installing Popug's dependencies \(npm ci in /);
  assert.doesNotThrow(() => JSON.parse(first.out), "npm's words must not mix with the program's output");
  const second = start(args);
  await second.end;
  assert.equal(second.err, "");
  const packageFile = JSON.stringify({ name: "it", version: "1.0.1", type: "module" });
  writeFileSync(join(root, "package.json"), packageFile);
  setLock(root, "1.0.1");
  rmSync(join(root, "node_modules/.package-lock.json"), { force: true });
  const third = start(args);
  await third.end;
  assert.match(third.err, /Installing/);
});

test("of starts beside each other one installs, and all run", async () => {
  const root = checkout("beside");
  // A lock whose process is gone must not be in the way.
  mkdirSync(join(root, ".cache"));
  writeFileSync(join(root, ".cache/installing-beside.lock"), JSON.stringify({ pid: 999_999_999, started: "1" }));
  const args = [join(root, "bin/run.mjs"), write(root, "file.ts", report)];
  const runs = [start(args), start(args), start(args)];
  for (const run of runs) assert.equal((await run.end).code, 0, run.err);
  assert.equal(runs.filter((run) => run.err.includes("Installing")).length, 1);
});

/** An npm that begins, does not end at a signal, and ends when the file `go-on` is there; `order` says when. */
const slowNpm = `#!/usr/bin/env node
import { appendFileSync, existsSync } from "node:fs";
process.on("SIGTERM", () => {});
appendFileSync("order", "begun ");
setInterval(() => {
  if (!existsSync("go-on")) return;
  appendFileSync("order", "ended ");
  process.exit(0);
}, 5);
`;

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  test(`when a start is ended by ${signal} while it installs, the next one waits until npm has ended, and installs anew`, async () => {
    const root = checkout(`interrupted by ${signal}`);
    const bin = join(root, "fake-bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "npm"), slowNpm, { mode: 0o755 });
    const order = () => (existsSync(join(root, "order")) ? readFileSync(join(root, "order"), "utf8") : "");
    const args = [join(root, "bin/run.mjs"), write(root, "file.ts", report)];
    const path = `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`;
    const first = start(args, { path });
    await until("npm has begun", () => order() === "begun ");
    first.child.kill(signal);
    const second = start(args, { path });
    await until("the second start waits", () => second.err.includes("Waiting for another start"));
    assert.equal(order(), "begun ");
    writeFileSync(join(root, "go-on"), "");
    assert.equal((await second.end).code, 0, second.err);
    assert.equal(order(), "begun ended begun ended ");
    await first.end;
    if (signal === "SIGTERM")
      assert.equal(first.err.trim().split("\n").at(-1)?.includes("was interrupted"), true, first.err);
  });
}

test("a failed installation ends with one clear sentence and no stack", async () => {
  const root = checkout("failing");
  const bin = join(root, "fake-bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "npm"), "#!/bin/sh\necho 'npm error network' >&2\nexit 1\n", { mode: 0o755 });
  const file = write(root, "file.ts", report);
  const failed = start([join(root, "bin/run.mjs"), file], { path: `${bin}:/usr/bin:/bin` });
  assert.equal((await failed.end).code, 1);
  assert.match(failed.err, /Installing Popug's dependencies failed: npm ended with code 1\./);
  assert.doesNotMatch(failed.err, /\n {4}at /);
  const missing = start([join(root, "bin/run.mjs"), file], { path: root });
  assert.equal((await missing.end).code, 1);
  assert.match(missing.err, /there is no npm on the PATH/);
});
