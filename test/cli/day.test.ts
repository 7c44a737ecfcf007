/** A day of the demo company by the command line, and what `verify` says about its books. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import pg from "pg";
import { type Instance, noteOf, popug, start } from "./popug.ts";

const titles = join(import.meta.dirname, "titles.csv");
let demo: Instance;
/** Two workers who are still there after the days that were played. */
let [worker, other] = ["", ""];
before(async () => {
  demo = await start();
});

const run = (words: string[], input?: string) => popug(words, { POPUG_DATA: demo.dataDir }, input).ended;
const workers = ["gosha.perov", "rio.feather", "kesha.popov", "coco.perch"];
const bounded = { timeout: 240_000 };

test("two days are played through the API, and their books agree with the logs", bounded, async () => {
  for (const number of [1, 2]) {
    const { code, out, err } = await run(["demo", "day", "--tasks", titles, "--seed", "7", "--json"]);
    assert.equal(code, 0, err);
    const day = JSON.parse(out);
    assert.equal(day.played.period, number);
    assert.equal(day.played.imported, 60);
    assert.equal(day.played.shuffles.length, 3);
    assert(day.played.doneTwice.task > 0 && day.played.reopened.task > 0);
    assert.equal(day.period.status, "closed");
    assert.deepEqual(day.contradictions, []);
    assert.deepEqual(day.verification.findings, []);
    assert(day.mails.payslip > 0 && day.mails.report > 0 && day.mails.audit > 0 && day.mails.failed === 0);
    const popugs: { login: string; active: boolean }[] = day.popugs;
    assert.equal(popugs.filter(({ active }) => !active).length, number);
    [worker = "", other = ""] = workers.filter((login) => popugs.some((it) => it.login === login && it.active));
  }
});

test("a file with bad lines is imported whole or not at all, or its good lines, as asked", bounded, async () => {
  const csv = `title\nClean the cage\n\n" "\n${"x".repeat(1_000)}\n`;
  const refused = await run(["import", "tasks", "-"], csv);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /nothing was[^]*line 4/);
  const good = await run(["import", "tasks", "-", "--good-only", "--json", "--as", worker], csv);
  assert.equal(good.code, 1);
  assert.match(good.err, new RegExp(`Acting as ${worker.replace(".", "\\.")} \\(worker\\)`));
  assert.equal(JSON.parse(good.out).created, 1);
});

test("balances from other books: rehearsed, their good lines brought in, once, by who may", bounded, async () => {
  const csv = `login,amount\n${worker},12.50\nnobody,5\n${other},-3\n`;
  const bring = (words: string[], input = csv) =>
    run(["import", "balances", "-", "--currency", "USD", "--as", "nora.ledger", ...words], input);
  const rehearsed = await bring(["--dry-run"]);
  assert.equal(rehearsed.code, 1);
  assert.match(rehearsed.err, /^line 3: nobody is called nobody$/m);
  assert.match(
    rehearsed.out,
    /^Nothing would be imported: 0 there already, 1 line rejected, .*--good-only: 2 balances\.$/m,
  );
  const refused = await bring([]);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /nothing was[^]*line 3/);
  const good = await bring(["--good-only"]);
  assert.equal(good.code, 1);
  assert.match(good.out, /^2 balances imported, 0 there already, 1 line rejected\.$/m);
  const again = await bring(["--json"], csv.replace("nobody,5\n", ""));
  assert.equal(again.code, 0, again.err);
  assert.deepEqual(JSON.parse(again.out), { imported: 0, known: 2, rejected: [] });
  const byWorker = await run(["import", "balances", "-", "--currency", "USD", "--as", worker], csv);
  assert.equal(byWorker.code, 1);
  assert.doesNotMatch(byWorker.out, /balances/);
});

test("an early close is waited for; its event can be seen", bounded, async () => {
  const closed = await run(["period", "close", "--wait", "--json"]);
  assert.equal(closed.code, 0, closed.err);
  assert.equal(JSON.parse(closed.out).status, "closed");
  const events = await run(["events", "tail", "--once", "--lines", "1", "--type", "billing.closed", "--json"]);
  assert.equal(JSON.parse(events.out).type, "billing.closed");
  assert.match((await run(["dead-letters"])).out, /no dead letters/);
  assert.equal((await run(["dead-letters", "redrive", "0192"])).code, 1);
});

test(
  "what analytics knows is rebuilt beside the running company; a service that says things is not",
  bounded,
  async () => {
    const rebuilt = await run(["rebuild", "analytics"]);
    assert.equal(rebuilt.code, 0, rebuilt.err);
    assert.match(rebuilt.out, /analytics is rebuilt from \d{3,} events/);
    const refused = await run(["rebuild", "accounting"]);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /can be rebuilt: analytics/);
  },
);

test("one changed amount is found, running or not, and the exit code says so", bounded, async () => {
  const untouched = await run(["verify"]);
  assert.equal(untouched.code, 0, untouched.out);
  const client = new pg.Client(noteOf(demo).databases["accounting"]);
  await client.connect();
  await client.query("set session_replication_role = replica");
  await client.query(
    `update accounting.posting set amount_minor = amount_minor + 1
      where (period, source, partition, position, leg) = (select period, source, partition, position, leg
        from accounting.posting where source = 'tasks' order by period, partition, position limit 1)`,
  );
  await client.query("update tasks.log_head set position = position + 1 where partition = 3");
  await client.end();
  const running = await run(["verify", "--json"]);
  assert.equal(running.code, 3, running.err);
  const { findings } = JSON.parse(running.out) as { findings: string[] };
  assert(
    findings.some((it) => /^posting 1-tasks-.* amount is \d+, it should be \d+$/.test(it)),
    findings.join("\n"),
  );
  assert(
    findings.some((it) => it.startsWith("log of tasks, partition 3: the newest event is")),
    findings.join("\n"),
  );
  demo.child.kill("SIGINT");
  await demo.ended;
  const stopped = await run(["verify"]);
  assert.equal(stopped.code, 3, stopped.err);
  assert.match(stopped.out, /Differs: posting 1-tasks-/);
});
