#!/usr/bin/env node
// node bin/run.mjs FILE.ts [arguments…]
//
// Runs a TypeScript file of this repository from a fresh checkout, with whatever Node (18 or newer) is there: installs
// the dependencies where they are missing or out of date, and brings its own Node where the present one cannot run
// TypeScript. Plain JavaScript, because it runs before there is anything else.
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { constants } from "node:os";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const installWithinMs = 15 * 60_000;

/** Something a person can understand and cure; shown without a stack. */
class Trouble extends Error {}

/**
 * Runs `file` with `args`, the user's current folder and our standard streams. In this process where its Node is new
 * enough; otherwise in a child, whose exit code or signal becomes ours.
 */
export async function run(file, args) {
  try {
    if (!existsSync(file)) throw new Trouble(`There is no file ${file}.`);
    await withInstallLock(root, dependenciesAreThere, (together) =>
      install(root, "Installing Popug's dependencies", together),
    );
    if (runsTypeScript(process.versions.node)) {
      process.argv = [process.execPath, file, ...args];
      await import(pathToFileURL(file).href);
    } else {
      await runInChild(await ownNode(), file, args);
    }
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

/** Since 22.18 and 23.6, Node runs TypeScript without a flag. */
function runsTypeScript(version) {
  const [major, minor] = version.split(".").map(Number);
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

// ---- dependencies

const lockHash = (folder) =>
  createHash("sha256")
    .update(readFileSync(join(folder, "package-lock.json")))
    .digest("hex");
const markOf = (folder) => join(folder, "node_modules", ".installed-from");

/** Whether node_modules was installed from the present package-lock.json, by us or by somebody's own `npm ci`. */
function dependenciesAreThere(folder) {
  const hash = lockHash(folder);
  if (readIfThere(markOf(folder)) === hash) return true;
  // npm writes this list as the last thing of an installation, so a broken one has none.
  const list = readIfThere(join(folder, "node_modules", ".package-lock.json"));
  if (list === undefined) return false;
  const installed = JSON.parse(list).packages;
  const wanted = Object.entries(JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")).packages);
  const there = wanted.every(([path, { version, link, dev, optional, devOptional }]) => {
    if (path === "" || link) return true;
    // What may be left out (another platform's package, --omit=dev) must at least not be there in another version.
    if (!installed[path]) return Boolean(dev || optional || devOptional);
    return installed[path].version === version;
  });
  if (there) mark(folder, hash);
  return there;
}

function mark(folder, hash) {
  try {
    mkdirSync(dirname(markOf(folder)), { recursive: true });
    writeFileSync(markOf(folder), hash);
  } catch (error) {
    // An installation that we may not write to is compared anew each time.
    if (!["EACCES", "EPERM", "EROFS"].includes(error.code)) throw error;
  }
}

/** @param together tells the lock of the process that works under it, so that the lock holds as long as that one lives */
async function install(folder, what, together) {
  process.stderr.write(`${what} (npm ci in ${folder}) …\n`);
  const hash = lockHash(folder);
  let failed = await npm(folder, ["ci"], together);
  if (failed?.said.includes("EUSAGE")) {
    // npm ci refuses a lock file that lacks optional packages of other platforms (npm leaves them out where its
    // registry does not show them). npm install takes the versions that the lock does have, and writes nothing back.
    failed = await npm(folder, ["install", "--no-save"], together);
  }
  if (failed === undefined) return mark(folder, hash);
  process.stderr.write(failed.said);
  throw new Trouble(
    `${what} failed: ${failed.how}. The first start needs npm and a connection to its registry; ` +
      `to see more, run "npm ci" in ${folder}.`,
  );
}

/** Runs npm; how it failed and what it said, or undefined when it did not fail. */
async function npm(folder, words, together) {
  const child = spawn("npm", [...words, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (child.pid !== undefined) together(child.pid);
  // npm takes back what it has begun, which may take a while; nobody else may install before it has ended, so it is waited
  // for. A Ctrl-C reaches it as well; other signals are for us alone.
  let interrupted = false;
  const stop = (signal) => {
    interrupted = true;
    if (signal !== "SIGINT" || !inForeground()) child.kill(signal);
  };
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"]) process.on(signal, stop);
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const how = await new Promise((settle) => {
    child.once("error", (error) => settle(error.code === "ENOENT" ? "there is no npm on the PATH" : error.message));
    child.once("close", (code, signal) =>
      settle(code === 0 ? undefined : `npm ended with ${signal ?? `code ${code}`}`),
    );
  });
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"]) process.off(signal, stop);
  if (interrupted) throw new Trouble("The installation was interrupted; the next start begins it anew.");
  return how === undefined ? undefined : { how, said };
}

/**
 * Runs `work` unless `done` says that there is nothing to do; starts beside each other take turns. The lock is held by this
 * process, and by the one that `work` tells of: npm goes on when we are killed.
 */
async function withInstallLock(folder, done, work) {
  if (done(folder)) return;
  const lock = join(root, ".cache", `installing-${basename(folder)}.lock`);
  const draft = `${lock}.${randomUUID()}`;
  const holder = { pid: process.pid, started: startOf(process.pid), token: draft };
  let own = JSON.stringify(holder);
  const together = (pid) => {
    own = JSON.stringify({ ...holder, npm: { pid, started: startOf(pid) } });
    // In one step, so that the lock is never without a holder; the draft is ours, and a link to what the lock was.
    writeFileSync(`${draft}.npm`, own);
    renameSync(`${draft}.npm`, lock);
  };
  try {
    mkdirSync(dirname(lock), { recursive: true });
    writeFileSync(draft, own, { flag: "wx" });
  } catch (error) {
    throw new Trouble(`Popug's dependencies are missing, and ${folder} cannot be written to: ${error.message}.`);
  }
  try {
    await takeInstallLock(lock, draft);
    try {
      if (!done(folder)) await work(together);
    } finally {
      if (readIfThere(lock) === own) rmSync(lock, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

async function takeInstallLock(lock, draft) {
  const deadline = Date.now() + installWithinMs;
  let said = false;
  for (;;) {
    try {
      // A link appears with its content or not at all.
      return linkSync(draft, lock);
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const content = readIfThere(lock);
    if (content === undefined) continue;
    const holder = JSON.parse(content);
    const lives = (it) => it !== undefined && startOf(it.pid) === it.started;
    if (!lives(holder) && !lives(holder.npm)) {
      // Its processes are gone. Only this very lock may be removed, not one that was taken since we looked.
      const aside = `${draft}.gone`;
      try {
        renameSync(lock, aside);
        if (readIfThere(aside) !== content) linkSync(aside, lock);
      } catch (error) {
        if (!["ENOENT", "EEXIST"].includes(error.code)) throw error;
      }
      rmSync(aside, { force: true });
      continue;
    }
    if (!said) process.stderr.write(`Waiting for another start of Popug (pid ${holder.pid}) that installs …\n`);
    said = true;
    if (Date.now() > deadline) throw new Trouble(`Process ${holder.pid} has been installing for too long (${lock}).`);
    await delay(100);
  }
}

/** A word that tells a process from a later one with the same number; undefined when there is no such process. */
function startOf(pid) {
  if (process.platform === "linux") {
    const stat = readIfThere(`/proc/${pid}/stat`);
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields === undefined || fields[0] === "Z" ? undefined : fields[19];
  }
  return spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim() || undefined;
}

// ---- the Node that Popug brings along

const runtime = join(root, "runtime");
const broughtNode = join(runtime, "node_modules", "node", "bin", "node");

async function ownNode() {
  const what = `Fetching a newer Node for Popug, once (this one is ${process.versions.node}; 22.18 is needed)`;
  await withInstallLock(runtime, isThere, (together) => install(runtime, what, together));
  const { stdout, error } = spawnSync(broughtNode, ["--version"], { encoding: "utf8" });
  if (!error && runsTypeScript(stdout.trim().slice(1))) return broughtNode;
  // npm does not run install scripts where its settings forbid them, and this package is nothing but one.
  throw new Trouble(
    `Popug needs Node 22.18 or newer; this one is ${process.versions.node}, and the one in ${runtime} does not run ` +
      `(${error?.message ?? stdout.trim()}). Install a newer Node, or allow install scripts and run "npm ci" there.`,
  );
}

function isThere() {
  return statSync(broughtNode, { throwIfNoEntry: false })?.isFile() === true && dependenciesAreThere(runtime);
}

/**
 * The channel tells the child when we are gone, whatever killed us (see src/platform/embedded/parent.ts).
 */
async function runInChild(node, file, args) {
  const path = [dirname(node), process.env.PATH].filter(Boolean).join(delimiter);
  const child = spawn(node, [file, ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, PATH: path },
  });
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"]) {
    process.on(signal, () => {
      // A Ctrl-C has reached the child already; a second one would mean "now, at once" to it.
      if (signal === "SIGINT" && inForeground()) return;
      child.kill(signal);
    });
  }
  const { code, signal } = await new Promise((settle, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => settle({ code, signal }));
  });
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // Where that signal does not end us, the shell's convention says the same.
  await delay(100);
  process.exit(128 + constants.signals[signal]);
}

/** Whether we are in the group of processes to which the terminal sends its Ctrl-C. */
function inForeground() {
  const stat = readIfThere("/proc/self/stat");
  if (stat === undefined) return [process.stdin, process.stdout, process.stderr].some((it) => it.isTTY);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // The fields behind the name: state, parent, group, session, terminal, foreground group.
  return fields[2] === fields[5];
}

function readIfThere(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH", "ENOTDIR"].includes(error.code)) return undefined;
    throw error;
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [file, ...args] = process.argv.slice(2);
  if (file === undefined) {
    process.stderr.write("Usage: node bin/run.mjs FILE.ts [arguments…]\n");
    process.exitCode = 64;
  } else {
    await run(resolve(file), args);
  }
}
