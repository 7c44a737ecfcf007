/** Starting and stopping as people do: what is said, what is left behind, what is kept. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import pg from "pg";
import { freePort } from "../kit/free-port.ts";
import { WebBrowser } from "../services/auth/web-browser.ts";
import { type Instance, isThere, newFolder, noteOf, popug, serverPid, start, until } from "./popug.ts";

const bounded = { timeout: 240_000 };

async function tokenOf(instance: Pick<Instance, "dataDir">, login: string): Promise<string> {
  const { code, out, err } = await popug(["token", login], { POPUG_DATA: instance.dataDir }).ended;
  assert.equal(code, 0, err);
  return out.trim();
}

async function get(instance: Instance, path: string, token: string) {
  const response = await fetch(`${instance.url}/api${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Somebody's browser, after one click on the page of the demo. */
async function signedIn(instance: Instance, login: string): Promise<WebBrowser> {
  const at = { app: { config: { settings: { publicUrl: instance.url } } }, url: instance.url };
  const browser = new WebBrowser(at as never);
  const { address } = await browser.follow("/auth/login?return_to=/auth/");
  const { location } = await browser.go(`${address}/as`, { form: { as: login }, headers: { origin: instance.url } });
  await browser.follow(location ?? assert.fail("not signed in"));
  return browser;
}

test(
  "a demo starts with one line that says it is ready, keeps its data through kill -9, signs nobody out, and stops without a trace",
  bounded,
  async () => {
    const first = await start();
    assert.match(first.out, /40 popugs.*gosha\.perov/);
    assert.equal(first.out.split("Popug is ready:").length, 2);
    assert.equal((await fetch(`${first.url}/readyz`)).status, 200);

    const twice = await popug(["start", "--demo"], { POPUG_DATA: first.dataDir, POPUG_PORT: String(await freePort()) })
      .ended;
    assert.equal(twice.code, 1);
    assert.match(twice.err, /^Popug is running on .* already: http/);
    assert.doesNotMatch(twice.err, /\n\s+at /);

    const restored = await popug(["restored"], { POPUG_DATA: first.dataDir }).ended;
    assert.equal(restored.code, 1);
    assert.match(restored.err, /stop it first/);

    const made = await fetch(`${first.url}/api/tasks`, {
      method: "POST",
      headers: { authorization: `Bearer ${await tokenOf(first, "gosha.perov")}`, "content-type": "application/json" },
      body: JSON.stringify({ title: "Survive a kill" }),
    });
    assert.equal(made.status, 201, await made.text());
    const browser = await signedIn(first, "mila.perchik");
    const isStillIn = async () => assert.equal((await browser.call("GET", "/me")).body.login, "mila.perchik");
    await isStillIn();
    const server = serverPid(first.dataDir);
    first.child.kill("SIGKILL");
    await first.ended;

    const gone = await popug(["period", "close"], { POPUG_DATA: first.dataDir }).ended;
    assert.equal(gone.code, 1);
    assert.match(gone.err, /^No Popug is running on .*; start it with npm start/);

    const second = await start({ dataDir: first.dataDir, port: first.port });
    await isStillIn();
    await until("the server of the killed process is gone", () => !isThere(server));
    const tasks = await get(second, "/tasks?q=Survive", await tokenOf(second, "mila.perchik"));
    assert.equal((tasks.body["items"] as unknown[]).length, 1);
    const people = await get(second, "/users?limit=100", await tokenOf(second, "polina.zernova"));
    assert.equal((people.body["items"] as unknown[]).length, 40);

    // Somebody who never finishes their request keeps nobody from going.
    const slow = connect(second.port, "127.0.0.1");
    slow.on("error", () => {});
    await new Promise<void>((settle) => slow.write("POST /api/tasks HTTP/1.1\r\nHost: popug\r\n", () => settle()));
    await fetch(`${second.url}/livez`);
    const database = serverPid(second.dataDir);
    const asked = performance.now();
    // npm passes a Ctrl-C on that the terminal has sent already.
    second.child.kill("SIGINT");
    second.child.kill("SIGINT");
    const { code, err } = await second.ended;
    assert.equal(code, 0, err);
    assert(performance.now() - asked < 10_000);
    assert(!isThere(database));
    assert(!existsSync(join(second.dataDir, "instance.json")));

    const third = await start({ dataDir: first.dataDir, port: first.port });
    await isStillIn();
    third.child.kill("SIGTERM");
    await third.ended;
  },
);

test(
  "a request that is under way when the process is told to stop is answered, and nothing new is taken",
  bounded,
  async () => {
    const instance = await start();
    const token = await tokenOf(instance, "gosha.perov");
    const other = new pg.Client(noteOf(instance).databases["tasks"]);
    await other.connect();
    await other.query("begin; lock table tasks.task in share mode");
    const answer = fetch(`${instance.url}/api/tasks`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ title: "Answered on the way out" }),
    });
    await until("the command waits for its table", async () => {
      const { rows } = await other.query(
        "select from pg_stat_activity where application_name = 'popug tasks' and wait_event_type = 'Lock'",
      );
      return rows.length > 0;
    });
    instance.child.kill("SIGTERM");
    await until("nobody new is let in", () =>
      fetch(`${instance.url}/livez`).then(
        () => false,
        () => true,
      ),
    );
    assert(isThere(serverPid(instance.dataDir)));
    await other.query("commit");
    const response = await answer;
    assert.equal(response.status, 201, await response.text());
    await other.end();
    const { code, err } = await instance.ended;
    assert.deepEqual({ code, err }, { code: 0, err: "" });

    const again = await start({ dataDir: instance.dataDir, port: instance.port });
    const found = await get(again, "/tasks?q=Answered", await tokenOf(again, "gosha.perov"));
    assert.equal((found.body["items"] as unknown[]).length, 1);
  },
);

test("two installations run beside each other", bounded, async () => {
  const [one, other] = await Promise.all([start(), start()]);
  assert.notEqual(noteOf(one).databases["tasks"]?.host, noteOf(other).databases["tasks"]?.host);
  for (const instance of [one, other]) {
    assert.equal((await fetch(`${instance.url}/readyz`)).status, 200);
    instance.child.kill("SIGTERM");
    const { code, err } = await instance.ended;
    assert.equal(code, 0);
    assert.equal(err, "", "an orderly life and end is no news");
  }
});

test("an empty installation says how its first admin is made, who is then there once", bounded, async () => {
  const instance = await start({ demo: false });
  assert.match(instance.out, /http:\/\/localhost:\d+\/setup#[\w-]{43}$/m);
  const create = (login: string, password: string) =>
    popug(
      ["admin", "create", "--login", login, "--name", "Ada", "--email", "ada@popug.test", "--password-file", "-"],
      { POPUG_DATA: instance.dataDir },
      password,
    ).ended;
  assert.match((await create("ada", "short\n")).err, /--password/);
  assert.equal((await create("ada", "a long enough password\n")).code, 0);
  const again = await create("eve", "a long enough password\n");
  assert.equal(again.code, 1);
  assert.match(again.err, /There are users already/);
  const token = await tokenOf(instance, "ada");
  await until("all services know the admin", async () => (await get(instance, "/analytics", token)).status === 200);
  const day = await popug(["demo", "day", "--tasks", "-"], { POPUG_DATA: instance.dataDir }, "title\nx\n").ended;
  assert.equal(day.code, 1);
  assert.match(day.err, /This is no demo/);
  instance.child.kill("SIGINT");
  await instance.ended;

  const demo = await popug(["start", "--demo"], { POPUG_DATA: instance.dataDir, POPUG_PORT: "0" }).ended;
  assert.equal(demo.code, 1);
  assert.match(demo.err, /holds a real company/);
});

/** Refused with one sentence, exit code 1, nothing left behind. */
async function refused(env: Record<string, string>, sentence: RegExp): Promise<void> {
  const { code, out, err } = await popug(["start"], env).ended;
  assert.equal(code, 1, err);
  assert.equal(out, "");
  assert.match(err, sentence);
  assert.equal(err.trim().split("\n").length, 1, err);
}

test("an occupied port is refused before anything is made", bounded, async () => {
  const holder = createServer();
  await new Promise<void>((settle) => holder.listen(0, "127.0.0.1", settle));
  const { port } = holder.address() as { port: number };
  const dataDir = newFolder();
  await refused({ POPUG_DATA: dataDir, POPUG_PORT: String(port) }, /^Port \d+ is in use by another program/);
  assert.deepEqual(readdirSync(dataDir), []);
  await new Promise((settle) => holder.close(settle));
});

test("what cannot be used is refused with a sentence: database, port, folder", bounded, async () => {
  const here = () => ({ POPUG_DATA: newFolder(), POPUG_PORT: "0" });
  const nobody = `postgres://popug:popug@127.0.0.1:${await freePort()}/popug`;
  await refused({ ...here(), DATABASE_URL: nobody }, /^The database cannot be reached: .*ECONNREFUSED/);
  await refused({ ...here(), DATABASE_URL: "localhost" }, /^DATABASE_URL is not a URL/);
  await refused({ ...here(), POPUG_PORT: "http" }, /^POPUG_PORT is "http"/);
  const foreign = newFolder();
  mkdirSync(join(foreign, "postgres"));
  writeFileSync(join(foreign, "postgres", "notes.txt"), "mine");
  await refused({ POPUG_DATA: foreign, POPUG_PORT: "0" }, /postgres/);
  assert.deepEqual(readdirSync(join(foreign, "postgres")), ["notes.txt"]);
});

test("wrong usage ends with 2, help with 0", bounded, async () => {
  assert.equal((await popug(["fly"], {}).ended).code, 2);
  assert.equal((await popug(["token"], {}).ended).code, 2);
  const help = await popug(["--help"], {}).ended;
  assert.equal(help.code, 0);
  for (const command of [
    "start",
    "token",
    "admin",
    "import",
    "demo",
    "period",
    "verify",
    "events",
    "dead-letters",
    "restored",
  ]) {
    assert.match(help.out, new RegExp(`^  ${command}\\b`, "m"));
  }
});

test("a part of Popug starts only where it can work, and says what is missing", bounded, async () => {
  const refused = async (services: string, env: Record<string, string>) => {
    const { code, err } = await popug(["start", "--services", services], { POPUG_DATA: newFolder(), ...env }).ended;
    assert.equal(code, 1);
    assert.doesNotMatch(err, /\n\s+at /);
    return err;
  };
  const database = { DATABASE_URL: "postgres://popug@localhost:1/popug" };
  const known = { ...database, POPUG_PUBLIC_URL: "http://localhost:7070" };
  assert.match(await refused("tasks", {}), /set DATABASE_URL\. The embedded database belongs to one process/);
  assert.match(await refused("tasks", database), /set POPUG_PUBLIC_URL/);
  assert.match(await refused("tasks", known), /set POPUG_UPSTREAMS to auth=http/);
  assert.match(await refused("auth", database), /say in POPUG_UPSTREAMS where tasks and accounting and .* run /);
  assert.match(await refused("cages", known), /There is no service "cages"; there are auth, tasks/);
  assert.match(await refused("tasks", { ...known, POPUG_UPSTREAMS: "auth:7070" }), /POPUG_UPSTREAMS has "auth:7070"/);
});
