import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { findBinaries, readableCopy } from "../../src/platform/embedded/binaries.ts";
import { arrange } from "../../src/platform/embedded/os-user.ts";
import { type EmbeddedPostgres, startPostgres } from "../../src/platform/embedded/postgres.ts";
import { processIdentity, serversIn } from "../../src/platform/embedded/processes.ts";
import { StartRefused } from "../../src/platform/start-refused.ts";

const scratch = mkdtempSync(join(tmpdir(), "popug-embedded-test-"));
chmodSync(scratch, 0o755);
after(() => rmSync(scratch, { recursive: true, force: true }));

const isRoot = process.getuid?.() === 0;
const nobody = 65534;
const bounded = { timeout: 120_000 };
/** Where what survives a power cut is not the point. */
const fast = { fsync: "off" };

async function ask(server: Pick<EmbeddedPostgres, "connection">, sql: string): Promise<unknown[]> {
  const client = new pg.Client(server.connection);
  await client.connect();
  try {
    // Several statements have several results, of which the last counts.
    const result = [await client.query({ text: sql, rowMode: "array" })].flat().at(-1);
    return result?.rows.flat() ?? [];
  } finally {
    await client.end();
  }
}

async function refusal(dataDir: string): Promise<string> {
  const error = await startPostgres({ dataDir, settings: fast }).then(
    async (server) => {
      await server.stop("immediate");
      return new Error("it started");
    },
    (error: unknown) => error,
  );
  assert.ok(error instanceof StartRefused, `not a refusal: ${String(error)}`);
  return error.message;
}

async function until(what: string, condition: () => boolean, withinMs = 60_000) {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `not within ${withinMs} ms: ${what}`);
    await delay(10);
  }
}

const source = new URL("../../src/platform/embedded/postgres.ts", import.meta.url).href;
const program = `
const { startPostgres } = await import(${JSON.stringify(source)});
const { connection, pid, dataDir } = await startPostgres({ dataDir: process.argv[1], settings: { fsync: "off" } });
console.log(JSON.stringify({ connection, pid, dataDir }));
setInterval(() => {}, 1000);
`;

/** A server in a process of its own, which can be killed. */
async function startElsewhere(
  dataDir: string,
  uid?: number,
): Promise<{ parent: ChildProcess } & Pick<EmbeddedPostgres, "connection" | "pid" | "dataDir">> {
  const parent = spawn(process.execPath, ["--input-type=module", "-e", program, dataDir], {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: "/",
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  after(() => parent.kill("SIGKILL"));
  const line = await new Promise<string>((resolve, reject) => {
    parent.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString()));
    parent.once("close", (code) => reject(new Error(`the other process ended with ${code}`)));
  });
  return { parent, ...JSON.parse(line) };
}

test(
  "what was committed is there after a stop and a warm start, and after a stop like a power cut",
  bounded,
  async () => {
    const dataDir = join(scratch, "kept");
    const first = await startPostgres({ dataDir });
    await ask(first, "create table note (n int); insert into note values (1)");
    await first.stop();
    assert.equal(processIdentity(first.pid), undefined, "the postmaster is gone when stop() resolves");
    assert.equal(existsSync(first.connection.host), false, "the socket's folder is gone");
    const second = await startPostgres({ dataDir });
    await ask(second, "insert into note values (2)");
    await second.stop("immediate");
    const third = await startPostgres({ dataDir });
    assert.deepEqual(await ask(third, "select n from note order by n"), [1, 2]);
    await third.stop();
  },
);

test(
  "the server commits to the disk, thinks in UTC, sorts by code point, knows Unicode and has no TCP port",
  bounded,
  async () => {
    const server = await startPostgres({ dataDir: join(scratch, "settings"), settings: { work_mem: "5MB" } });
    const sql = `select current_setting('fsync'), current_setting('synchronous_commit'), current_setting('timezone'),
    current_setting('listen_addresses'), current_setting('work_mem'), lower('ÄÖ'), 'a' > 'B'`;
    assert.deepEqual(await ask(server, sql), ["on", "on", "UTC", "", "5MB", "äö", true]);
    assert.equal(statSync(server.connection.host).mode & 0o777, 0o700, "only the server's user reaches the socket");
    await server.stop();
  },
);

test("a parent killed with -9 leaves no server behind, and the next start has the data", bounded, async () => {
  const dataDir = join(scratch, "killed");
  const { parent, ...server } = await startElsewhere(dataDir);
  await ask(server, "create table note (n int); insert into note values (7)");
  parent.kill("SIGKILL");
  await until("the server is gone", () => processIdentity(server.pid) === undefined);
  assert.deepEqual(serversIn(dataDir, server.pid), []);
  await until("the socket's folder is gone", () => !existsSync(server.connection.host));
  const next = await startPostgres({ dataDir, settings: fast });
  assert.deepEqual(await ask(next, "select n from note"), [7]);
  await next.stop();
});

test("a start right after a kill -9 waits for the former server and has the data", bounded, async () => {
  const dataDir = join(scratch, "killed-at-once");
  const { parent, ...server } = await startElsewhere(dataDir);
  await ask(server, "create table note (n int); insert into note values (7)");
  parent.kill("SIGKILL");
  await until("the parent is gone", () => processIdentity(parent.pid ?? 0) === undefined);
  const next = await startPostgres({ dataDir, settings: fast });
  assert.deepEqual(await ask(next, "select n from note"), [7]);
  await next.stop();
});

test("a server whose supervisor was killed, too, is stopped by the next start", bounded, async () => {
  const dataDir = join(scratch, "abandoned");
  const { parent, ...server } = await startElsewhere(dataDir);
  const supervisors = spawnSync("pgrep", ["-f", `popug-postgres postgres.log ${server.connection.host} `], {
    encoding: "utf8",
  }).stdout;
  const pids = supervisors.trim().split("\n").map(Number);
  assert.equal(pids.length, 2, "the shell and its watcher");
  // A parent that saw the shell end would close the lifeline, and a watcher not yet dead would stop the server.
  parent.kill("SIGSTOP");
  for (const pid of pids) process.kill(pid, "SIGKILL");
  await until("they are gone", () => pids.every((pid) => processIdentity(pid) === undefined));
  parent.kill("SIGKILL");
  await until("the parent is gone", () => processIdentity(parent.pid ?? 0) === undefined);
  assert.notEqual(processIdentity(server.pid), undefined, "nobody is left to stop the server");
  const said: string[] = [];
  const next = await startPostgres({ dataDir, settings: fast, log: (line) => said.push(line) });
  assert.match(said.join("\n"), /Waiting for the database server that a former Popug left behind/);
  await next.stop();
  rmSync(server.connection.host, { recursive: true, force: true });
});

test("a server that dies is reported, with the reason", bounded, async () => {
  const server = await startPostgres({ dataDir: join(scratch, "dies"), settings: fast });
  process.kill(server.pid, "SIGQUIT");
  let reason: string | undefined;
  void server.died.then((error) => (reason = error.message));
  // Waiting for it keeps no process alive: who runs a server has other things to do.
  await until("it is reported", () => reason !== undefined);
  assert.match(String(reason), /ended unexpectedly[^]*immediate shutdown request/);
});

test("of two starts on one folder the second is refused, and names the first", bounded, async () => {
  const dataDir = join(scratch, "twice");
  const attempts = [1, 2, 3].map(() => startPostgres({ dataDir, settings: fast }));
  const results = await Promise.allSettled(attempts);
  const started = results.filter((it) => it.status === "fulfilled");
  assert.equal(started.length, 1);
  for (const it of results) {
    if (it.status === "rejected") {
      assert.equal(it.reason.message, `${dataDir} is in use by another Popug (pid ${process.pid}).`);
    }
  }
  await started[0]?.value.stop();
  const { parent, pid } = await startElsewhere(dataDir);
  assert.equal(await refusal(dataDir), `${dataDir} is in use by another Popug (pid ${parent.pid}).`);
  parent.kill("SIGKILL");
  await until("the server is gone", () => processIdentity(pid) === undefined);
});

test("a pid file that names another live program is not in the way, and that program lives on", bounded, async () => {
  const dataDir = join(scratch, "stale");
  await (await startPostgres({ dataDir, settings: fast })).stop();
  const stranger = spawn("sleep", ["60"], isRoot ? { uid: statSync(dataDir).uid } : {});
  writeFileSync(join(dataDir, "postmaster.pid"), `${stranger.pid}\n${dataDir}\n1\n5432\n\n\n\nready\n`);
  const server = await startPostgres({ dataDir, settings: fast });
  assert.notEqual(processIdentity(stranger.pid ?? 0), undefined);
  await server.stop();
  stranger.kill();
});

test("a server on the folder that Popug did not start is left alone, and the start refused", bounded, async (t) => {
  const dataDir = join(scratch, "by-hand");
  await (await startPostgres({ dataDir, settings: fast })).stop();
  const { binaries } = findBinaries();
  const user = isRoot ? { uid: statSync(dataDir).uid } : {};
  const sockets = join(scratch, "sockets");
  mkdirSync(sockets);
  if (isRoot) chownSync(sockets, statSync(dataDir).uid, 0);
  const words = ["-D", dataDir, "-c", "listen_addresses=", "-k", sockets];
  const byHand = spawn(binaries.postgres, words, { ...user, stdio: "ignore" });
  t.after(() => byHand.kill("SIGQUIT"));
  await until("it is up", () => existsSync(join(dataDir, "postmaster.pid")));
  assert.match(
    await refusal(dataDir),
    new RegExp(`in use by a PostgreSQL server \\(pid ${byHand.pid}\\) that Popug did not`),
  );
});

test("a path may be long and have blanks, quotes and letters of any script", bounded, async () => {
  const dataDir = join(scratch, `it's "a" dâta, попуг`, "long ".repeat(30).trim(), "$HOME; `x`");
  assert.ok(dataDir.length > 200);
  const server = await startPostgres({ dataDir, settings: fast });
  assert.deepEqual(await ask(server, "select 1"), [1]);
  await server.stop();
});

test("as root, a folder below one that others may not pass serves, too", { ...bounded, skip: !isRoot }, async () => {
  const secret = join(scratch, "secret");
  mkdirSync(secret, { mode: 0o700 });
  const dataDir = join(secret, "data");
  const server = await startPostgres({ dataDir, settings: fast });
  assert.deepEqual(await ask(server, "create table note (); select 1"), [1]);
  await server.stop();
  chmodSync(secret, 0o755);
  const open = await startPostgres({ dataDir, settings: fast });
  assert.deepEqual(await ask(open, "select count(*)::int from note"), [0], "and after that was opened");
  await open.stop();
  chmodSync(secret, 0o700);
  const { user, inPlace } = arrange(dataDir, findBinaries().binaries, false);
  assert.notEqual(user.uid, 0);
  assert.equal(inPlace, true, "without namespaces the server is started in the folder");
});

test("an ordinary user starts it as well, and root after it without taking the data away", {
  ...bounded,
  skip: !isRoot,
}, async () => {
  const home = join(scratch, "home");
  mkdirSync(home);
  chownSync(home, nobody, nobody);
  const dataDir = join(home, "data");
  const { parent, ...server } = await startElsewhere(dataDir, nobody);
  await ask(server, "create table note ()");
  parent.kill("SIGKILL");
  await until("the server is gone", () => processIdentity(server.pid) === undefined);
  const asRoot = await startPostgres({ dataDir, settings: fast });
  await asRoot.stop();
  assert.equal(statSync(dataDir).uid, nobody);
});

test("a folder with something else in it is refused and left as it is", bounded, async () => {
  const dataDir = join(scratch, "foreign");
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, "thesis.txt"), "years of work");
  assert.match(await refusal(dataDir), /is not empty, and what is in it \(thesis\.txt …\) is not a database of Popug/);
  assert.deepEqual(readdirSync(dataDir), ["thesis.txt"]);
});

test("a cluster of another major version is refused with both versions", bounded, async () => {
  const dataDir = join(scratch, "versions");
  await (await startPostgres({ dataDir, settings: fast })).stop();
  writeFileSync(join(dataDir, "PG_VERSION"), "19\n");
  assert.match(await refusal(dataDir), /was made by PostgreSQL 19; this Popug brings the older PostgreSQL 18/);
  writeFileSync(join(dataDir, "PG_VERSION"), "15\n");
  assert.match(await refusal(dataDir), /was made by PostgreSQL 15; this Popug brings the newer PostgreSQL 18/);
  writeFileSync(join(dataDir, "PG_VERSION"), "18\n");
  await (await startPostgres({ dataDir, settings: fast })).stop();
});

test("a making of the cluster that was killed at any moment is begun anew or finished", bounded, async () => {
  const whole = join(scratch, "whole");
  await (await startPostgres({ dataDir: whole, settings: fast })).stop();
  const half = join(scratch, "half");
  mkdirSync(join(half, ".initialising-abc", "cluster"), { recursive: true });
  writeFileSync(join(half, ".initialising-abc", "cluster", "PG_VERSION"), "18\n");
  const begun = await startPostgres({ dataDir: half, settings: fast });
  assert.deepEqual(await ask(begun, "select 1"), [1]);
  await begun.stop();
  // Whole, and partly moved into place.
  const moved = join(scratch, "moved");
  const draft = join(moved, ".initialising-abc");
  mkdirSync(draft, { recursive: true });
  cpSync(whole, join(draft, "cluster"), { recursive: true });
  cpSync(join(draft, "cluster", "base"), join(moved, "base"), { recursive: true });
  rmSync(join(draft, "cluster", "base"), { recursive: true });
  writeFileSync(join(draft, "popug.whole"), "");
  const finished = await startPostgres({ dataDir: moved, settings: fast });
  assert.deepEqual(await ask(finished, "select 1"), [1]);
  await finished.stop();
  assert.deepEqual(
    readdirSync(moved).filter((it) => it.startsWith(".")),
    [],
  );
  for (const afterMs of [20, 80, 150]) {
    const dataDir = join(scratch, `cut-${afterMs}`);
    mkdirSync(dataDir);
    const parent = spawn(process.execPath, ["--input-type=module", "-e", program, dataDir], { stdio: "ignore" });
    await until("it has begun", () => readdirSync(dataDir).some((it) => it.startsWith(".initialising-")));
    await delay(afterMs);
    parent.kill("SIGKILL");
    const server = await startPostgres({ dataDir, settings: fast });
    assert.deepEqual(await ask(server, "select 1"), [1]);
    await server.stop();
  }
});

test(
  "libraries' links that no install script made are made, in a copy where the package is not ours to change",
  bounded,
  () => {
    const original = dirname(findBinaries().binaries.root);
    const bare = join(scratch, "package");
    cpSync(original, bare, { recursive: true, filter: (path) => !path.endsWith(".a") });
    const links = JSON.parse(readFileSync(join(bare, "native/pg-symlinks.json"), "utf8")) as { target: string }[];
    const unlink = () => links.forEach((it) => rmSync(join(bare, it.target), { force: true }));
    unlink();
    const { binaries } = findBinaries(join(bare, "dist/index.js"));
    assert.equal(spawnSync(binaries.postgres, ["--version"]).status, 0);
    unlink();
    const place = join(scratch, "copies");
    const copy = readableCopy(binaries, () => true, [place]);
    assert.ok(copy);
    assert.ok(copy.binaries.postgres.startsWith(place));
    assert.equal(spawnSync(copy.binaries.postgres, ["--version"]).status, 0);
    assert.match(copy.notes.join(), /copied to/);
  },
);

test("a server that cannot start says why, in its own words", bounded, async () => {
  const dataDir = join(scratch, "wrong");
  const start = startPostgres({ dataDir, settings: { ...fast, shared_buffers: "many" } });
  await assert.rejects(start, /did not start[^]*invalid value for parameter "shared_buffers"/);
  await (await startPostgres({ dataDir, settings: fast })).stop();
});

test("servers on folders of their own run beside each other", bounded, async () => {
  const servers = await Promise.all(
    ["one", "two"].map((name) => startPostgres({ dataDir: join(scratch, name), settings: fast })),
  );
  for (const server of servers) assert.deepEqual(await ask(server, "select 1"), [1]);
  await Promise.all(servers.map((server) => server.stop()));
});
