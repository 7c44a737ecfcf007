/** `npm start`, as an ordinary user types it, in a checkout of their own that nobody else may look into. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { freePort } from "../kit/free-port.ts";
import { isThere, newFolder, serverPid, until } from "./popug.ts";

const repository = resolve(import.meta.dirname, "../..");
const nobody = 65534;
/** Only root can become somebody else, and only where they may run what is needed. */
const canBecome =
  process.getuid?.() === 0 &&
  spawnSync("npm", ["--version"], { uid: nobody, gid: nobody, cwd: "/", env: { PATH: process.env["PATH"] } }).status ===
    0;

/** Linked where that is possible, not copied: the files stay ours, which a user may read, and the folders become theirs. */
function checkOut(into: string): void {
  mkdirSync(into, { recursive: true });
  const names = readdirSync(repository).filter((name) => name !== ".git" && name !== "data");
  const copy = (how: string) =>
    spawnSync("cp", [how, ...names.map((name) => join(repository, name)), into], { encoding: "utf8" });
  if (copy("-al").status !== 0) assert.equal(copy("-a").status, 0);
  spawnSync("find", [into, "-type", "d", "-exec", "chown", `${nobody}:${nobody}`, "{}", "+"]);
}

let npm: ChildProcess | undefined;
after(() => {
  if (npm?.pid !== undefined && npm.exitCode === null && npm.signalCode === null) process.kill(-npm.pid, "SIGKILL");
});

test("an ordinary user starts it by npm, in a path with blanks below a folder of their own, and ends it by Ctrl-C", {
  timeout: 240_000,
  skip: canBecome ? false : "nobody else can run npm here",
}, async () => {
  const home = join(newFolder(), "a user's home");
  mkdirSync(home);
  const root = join(home, "my check out", "popug");
  checkOut(root);
  chownSync(home, nobody, nobody);
  chownSync(join(home, "my check out"), nobody, nobody);
  chmodSync(home, 0o700);
  chmodSync(join(home, ".."), 0o711);

  const port = await freePort();
  const others = Object.entries(process.env).filter(([name]) => !/^(POPUG_|DATABASE_|KAFKA_|NODE_|npm_)/.test(name));
  npm = spawn("npm", ["start"], {
    ...{ cwd: root, uid: nobody, gid: nobody, stdio: ["ignore", "pipe", "pipe"] },
    env: { ...Object.fromEntries(others), HOME: home, USER: "nobody", POPUG_PORT: String(port) },
    // A group of its own, as at a terminal, whose Ctrl-C reaches all of it.
    detached: true,
  });
  const said = { out: "", err: "" };
  npm.stdout?.on("data", (chunk: Buffer) => (said.out += chunk.toString()));
  npm.stderr?.on("data", (chunk: Buffer) => (said.err += chunk.toString()));
  // When its output is at its end, all that npm started has ended.
  const ended = new Promise<number | NodeJS.Signals | null>((settle) =>
    npm?.once("close", (code, signal) => settle(code ?? signal)),
  );
  await until("ready", () => {
    assert.equal(npm?.exitCode, null, said.out + said.err);
    return said.out.includes(`Popug is ready: http://localhost:${port}\n`);
  });
  assert.equal((await fetch(`http://localhost:${port}/readyz`)).status, 200);
  assert.equal((await fetch(`http://localhost:${port}/`)).status, 200);
  assert.match(said.out, /\/setup#[\w-]{43}$/m, "and they are told how to begin");
  const data = join(root, "data");
  for (const name of ["postgres", "secrets", "instance.json"])
    assert.equal(statSync(join(data, name)).uid, nobody, name);
  for (const name of readdirSync(join(data, "secrets"))) {
    assert.equal(statSync(join(data, "secrets", name)).mode & 0o077, 0, `${name} is for its owner only`);
  }
  const server = serverPid(data);
  assert.match(readFileSync(`/proc/${server}/status`, "utf8"), new RegExp(`^Uid:\\s+${nobody}\\s`, "m"));
  process.kill(-(npm.pid ?? assert.fail()), "SIGINT");
  // By its exit code or by the signal, as the npm of the machine has it.
  assert([0, "SIGINT"].includes((await ended) ?? ""), said.err);
  assert.equal(said.err, "");
  assert(!isThere(server));
  assert(!existsSync(join(data, "instance.json")));
});
