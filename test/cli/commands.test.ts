/** Commands of a running demo, each by its real command line: what it prints, and what is so afterwards. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import pg from "pg";
import { type Instance, newFolder, noteOf, popug, start, until } from "./popug.ts";

const bounded = { timeout: 300_000 };
const DAY_MS = 86_400_000;
let demo: Instance;
before(async () => {
  demo = await start();
});

const run = (words: string[], input?: string) => popug(words, { POPUG_DATA: demo.dataDir }, input).ended;
async function good(words: string[], input?: string): Promise<string> {
  const { code, out, err } = await run(words, input);
  assert.equal(code, 0, `${words.join(" ")}: ${err}${out}`);
  return out;
}
async function refused(words: string[]): Promise<string> {
  const { code, out, err } = await run(words);
  assert.deepEqual([code, out], [1, ""], words.join(" "));
  return err;
}
/** As the administrator of accounting's database. */
async function books<T>(text: string): Promise<T[]> {
  const client = new pg.Client(noteOf(demo).databases["accounting"]);
  await client.connect();
  try {
    return (await client.query(text)).rows as T[];
  } finally {
    await client.end();
  }
}
const ask = (token: string, path: string, init: RequestInit = {}) =>
  fetch(`${demo.url}/api${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
  });
const tokenOf = async (login: string) => (await good(["token", login])).trim();

test("every command answers --help with 0, names each of its options and commands, and says what each is for", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["bin/run.mjs", "test/cli/helps.ts"], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  const helps = JSON.parse(stdout) as {
    words: string[];
    code: number;
    text: string;
    options: string[];
    commands: string[];
  }[];
  assert(helps.length > 25, `${helps.length}`);
  for (const { words, code, text, options, commands } of helps) {
    const name = words.join(" ");
    assert.equal(code, 0, name);
    assert(text.startsWith(`Usage: ${["popug", ...words].join(" ")}`), text);
    for (const flags of options) assert.match(text, line(flags), `${name} ${flags}`);
    for (const command of commands) assert.match(text, new RegExp(`^  ${command}\\b.*\\S$`, "m"), `${name} ${command}`);
  }
});
const line = (flags: string) => new RegExp(`^  ${flags.replaceAll(/[<>[\]]/g, "\\$&")}\\s+\\S`, "m");

test("a token is printed alone for scripts, or with whose it is and when it ends", bounded, async () => {
  const { token, expiresAt, ...person } = JSON.parse(await good(["token", "gosha.perov", "--json"]));
  assert.deepEqual([person.login, person.roles], ["gosha.perov", ["worker"]]);
  const seconds = (Date.parse(expiresAt) - Date.now()) / 1_000;
  assert(seconds > 60 && seconds <= 300, expiresAt);
  for (const one of [token, await tokenOf("gosha.perov")]) {
    const me = await ask(one, "/me");
    assert.equal(((await me.json()) as { userId: string }).userId, person.userId);
  }
  assert.match(await refused(["token", "nobody"]), /Nobody has the login nobody/);
});

test("the demo has 40 popugs in all roles, each under a login of their own", bounded, async () => {
  const answer = await ask(await tokenOf("polina.zernova"), "/users?status=active&limit=500");
  const { items } = (await answer.json()) as { items: { login: string; roles: string[] }[] };
  assert.equal(new Set(items.map(({ login }) => login)).size, 40);
  const count = (role: string) => items.filter(({ roles }) => roles.includes(role)).length;
  assert.deepEqual(["admin", "manager", "accountant", "worker"].map(count), [2, 4, 3, 32]);
});

test("a good file of tasks is imported whole, and says how many there are", bounded, async () => {
  const file = join(newFolder(), "backlog.csv");
  writeFileSync(file, 'title,description\nOil the swing,\n"Mend, then paint",slowly\n');
  assert.equal(await good(["import", "tasks", file, "--as", "mila.perchik"]), "2 tasks created, 0 lines rejected.\n");
  const answer = await ask(await tokenOf("polina.zernova"), "/tasks?limit=500");
  const { items } = (await answer.json()) as { items: { title: string }[] };
  assert.deepEqual(items.map(({ title }) => title).toSorted(), ["Mend, then paint", "Oil the swing"]);
});

test("events that are said while somebody watches are shown as they come, each once", bounded, async () => {
  const words = ["events", "tail", "--lines", "1", "--type", "task.created"];
  const tail = popug(words, { POPUG_DATA: demo.dataDir });
  const lines = () => tail.said.out.split("\n").filter((it) => it !== "");
  // Its first look is over when it shows what was there.
  await until("the newest event", () => lines().length === 1);
  for (const title of ["While you watch", "And once more"]) {
    await good(["import", "tasks", "-"], `title\n${title}\n`);
    await until(title, () => tail.said.out.includes(title));
  }
  tail.child.kill("SIGINT");
  await tail.ended;
  assert.equal(lines().length, 3, tail.said.out);
  for (const it of lines()) assert.match(it, /^\S+Z \/popug\/tasks \d+\/\d+ task\.created( period \d+)? \{/);
});

test(
  "signing keys are rotated while it runs: the new one is published, and no token stops to work",
  bounded,
  async () => {
    const kids = async () => {
      const { keys } = (await (await fetch(`${demo.url}/oidc/jwks`)).json()) as { keys: { kid: string }[] };
      return keys.map(({ kid }) => kid);
    };
    const [old, ...none] = await kids();
    assert.deepEqual(none, []);
    const before_ = await tokenOf("gosha.perov");
    const [, fresh = ""] =
      /^The key (\S+) signs from 2 minutes from now on\.\n$/.exec(await good(["keys", "rotate"])) ?? [];
    assert.notEqual(fresh, "");
    await until("both keys are published", async () => (await kids()).includes(fresh));
    assert((await kids()).includes(old ?? ""));
    for (const token of [before_, await tokenOf("gosha.perov")]) assert.equal((await ask(token, "/me")).status, 200);
  },
);

test(
  "whoever owns the machine lets somebody in again: by a link, good once, and active as before",
  bounded,
  async () => {
    const admin = await tokenOf("polina.zernova");
    const { userId } = JSON.parse(await good(["token", "max.beak", "--json"]));
    const out = await ask(admin, `/users/${userId}`, { method: "PATCH", body: JSON.stringify({ status: "inactive" }) });
    assert.equal(out.status, 200);
    assert.match(await refused(["token", "max.beak"]), /max\.beak has been deactivated/);
    const link = (await good(["admin", "recover", "max.beak"])).trim();
    const [address = "", secret = ""] = link.split("#");
    assert.equal(address, `${demo.url}/reset/link`);
    const send = (fields: Record<string, string>) =>
      fetch(`${address}/password`, {
        method: "POST",
        headers: { origin: demo.url },
        body: new URLSearchParams({ token: secret, ...fields }),
      });
    const page = await send({});
    assert.equal(page.status, 200);
    assert.match(await page.text(), /max\.beak/);
    const password = "correct horse battery staple";
    assert.equal((await send({ password, repeat: password })).status, 200);
    assert.equal((await send({ password, repeat: password })).status, 404);
    assert.notEqual(await tokenOf("max.beak"), "");
    assert.match(await refused(["admin", "recover", "nobody"]), /Nobody has the login nobody/);
  },
);

test("a day without --json is told, and its books are printed as a table whose lines add up", bounded, async () => {
  const titles = join(newFolder(), "day.csv");
  writeFileSync(titles, `title\n${Array.from({ length: 40 }, (_, i) => `Chore ${i}\n`).join("")}`);
  const out = await good(["demo", "day", "--tasks", titles, "--seed", "1"]);
  const lines = out.split("\n");
  const header = lines.findIndex((it) => /^popug \(USD\) +opening +fees +rewards +payout +closing$/.test(it));
  assert(header > 0, out);
  assert.match(lines[header + 1] ?? "", /^─+(  ─+){5}$/);
  const end = lines.findIndex((it) => /^all\s/.test(it));
  const cents = (it: string) =>
    it
      .trim()
      .split(/ {2,}/)
      .slice(-5)
      .map((amount) => Math.round(Number(amount) * 100));
  const rows = lines.slice(header + 2, end).map(cents);
  assert(rows.length >= 10, out);
  for (const [opening = 0, fees = 0, rewards = 0, payout = 0, closing = 0] of rows) {
    assert.equal(opening - fees + rewards - payout, closing);
  }
  const all = cents(lines[end] ?? "");
  assert.deepEqual(
    all,
    all.map((_, i) => rows.reduce((sum, row) => sum + (row[i] ?? Number.NaN), 0)),
  );
  const earned = ((all[1] ?? 0) - (all[2] ?? 0)) / 100;
  assert.match(out, new RegExp(`^Management earned ${earned.toFixed(2)} USD .fees − rewards.;`, "m"));
  assert.match(out, / imports 40 tasks; each goes to a popug drawn at random\.$/m);
  assert.match(out, /^Mails written: \d+ payslips, 2 reports, \d+ audit logs\.$/m);
  assert.match(out, /The day took [\d.]+ s\.$/m);
});

type Clock = { now: string; demo: boolean };
const clock = async (...words: string[]) => JSON.parse(await good(["demo", "clock", ...words, "--json"])) as Clock;

test("the clock of a demo is moved by a duration or to a moment, never back", bounded, async () => {
  const first = await clock();
  assert.equal(first.demo, true);
  const moved = await clock("--by", "1h30m");
  assert(Date.parse(moved.now) - Date.parse(first.now) >= 90 * 60_000);
  const to = new Date(Date.parse(moved.now) + 2 * DAY_MS);
  const there = await clock("--to", to.toISOString());
  assert(Date.parse(there.now) >= to.getTime() && Date.parse(there.now) < to.getTime() + 60_000, there.now);
  const local = there.now.slice(0, 11);
  assert.match(await good(["demo", "clock"]), /^It is \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d \(\S+\)\.\n$/);
  assert.match(await refused(["demo", "clock", "--to", first.now]), /The clock only moves forward/);
  assert.match(await refused(["demo", "clock", "--to", `${local.slice(0, 10)} soon`]), /is not a time/);
  for (const wrong of ["0m", "-1h", "8", "soon"]) {
    assert.match(await refused(["demo", "clock", `--by=${wrong}`]), /is not a duration/);
  }
  assert.match(await refused(["demo", "clock", "--by", "1h", "--to", to.toISOString()]), /--to a time or --by/);
  assert(Date.parse((await clock()).now) < to.getTime() + 10 * 60_000);
});

test(
  "entries of old days go into files by the command line, the books verify without them, and they come back",
  bounded,
  async () => {
    assert.match(await good(["period", "archive", "--before", "2999-01-01"]), /There is nothing to archive/);
    assert.match(await refused(["period", "archive", "--before", "yesterday"]), /yesterday is not a day/);
    assert.match(await refused(["period", "restore", "1"]), /Nothing was changed/);
    await clock("--by", "40d");
    const periods = () =>
      books<{ old: string }>(
        `select count(*) as old from accounting.period
        where closed_at is not null and business_date < (select max(business_date) from accounting.period) - 35`,
      );
    await until("an old closed period", async () => Number((await periods())[0]?.old) > 0);
    const archived = await good(["period", "archive", "--before", "2999-01-01"]);
    const [, entries] = /^Period 1: (\d+) entries are in \S+archive\/\S+\.$/m.exec(archived) ?? assert.fail(archived);
    assert(Number(entries) > 10);
    assert.equal(readdirSync(join(demo.dataDir, "archive")).length, archived.trim().split("\n").length);
    assert.deepEqual(await books("select 1 from accounting.posting where period = 1 limit 1"), []);
    await good(["verify"]);
    assert.equal(await good(["period", "restore", "1"]), `Period 1: ${entries} entries are back.\n`);
    assert.equal((await books("select 1 from accounting.posting where period = 1")).length > 10, true);
    await good(["verify"]);
  },
);

test("the moved clock survives a restart", bounded, async () => {
  const before_ = await clock();
  demo.child.kill("SIGINT");
  await demo.ended;
  demo = await start({ dataDir: demo.dataDir });
  const after_ = await clock();
  assert(Date.parse(after_.now) >= Date.parse(before_.now));
  assert(Date.parse(after_.now) - Date.now() > 42 * DAY_MS);
});

test("in a real company no clock is moved, neither by the command nor in the database", bounded, async () => {
  demo.child.kill("SIGINT");
  await demo.ended;
  const dataDir = newFolder();
  const created = popug(["admin", "create", "--login", "ada", "--name", "Ada Popug"], { POPUG_DATA: dataDir });
  assert.equal((await created.ended).code, 0, created.said.err);
  demo = await start({ dataDir, demo: false });
  for (const words of [
    ["--by", "1h"],
    ["--to", "2999-01-01T00:00"],
  ]) {
    assert.match(await refused(["demo", "clock", ...words]), /Only the clock of a demo can be moved/);
  }
  const answer = await ask(await tokenOf("ada"), "/clock", {
    method: "POST",
    body: JSON.stringify({ to: null, bySeconds: 60 }),
  });
  assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [409, "no-demo"]);
  await assert.rejects(books("select popug.move_clock('1 hour')"), /the_clock_moves_in_demos_only/);
  assert(Math.abs(Date.parse((await clock()).now) - Date.now()) < 60_000);
});
