/**
 * The whole process is killed under load, again and again, and so is its database: what was acknowledged is there, once.
 * `POPUG_SEED` and `POPUG_RUNS` (kills; a fifth as many stops of the database) choose another campaign.
 */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { campaign, seededRandom } from "../kit/random.ts";
import { until } from "../kit/until.ts";
import { assertAllClosed, assertClosedIsExact } from "./books-proof.ts";
import { createInstallation, type Installation } from "./installation.ts";
import { type Load, startLoad } from "./load.ts";

const { runs: kills, firstSeed } = campaign(10, 100);
const databaseStops = Math.max(3, Math.ceil(kills / 5));

test(`${kills} kills of the process and ${databaseStops} crashes of its database lose and double nothing`, async (t) => {
  const random = seededRandom(firstSeed);
  const begun = performance.now();
  const installation = await createInstallation();
  try {
    await installation.start();
    const load = startLoad(installation, seededRandom(firstSeed + 1), 6);
    const faults = shuffled([...Array(kills).fill("kill"), ...Array(databaseStops).fill("database")], random.below);
    const recoveries: number[] = [];
    let inARow = 0;
    for (const fault of faults) {
      const afterMs = 50 + random.below(1_200);
      await load.nextAnswer();
      await delay(afterMs);
      const at = performance.now();
      // More crashes of a database than this within a minute are given up on, on purpose: then the process is killed.
      if (fault === "database" && inARow < 4) {
        inARow++;
        await installation.stopDatabase();
      } else {
        await installation.kill();
        if (random.chance(0.15)) await installation.startAndKill(random.below(1_500));
        await installation.start();
        inARow = 0;
        if (fault === "database") {
          await load.nextAnswer();
          await installation.stopDatabase();
        }
      }
      await load.nextAnswer();
      assert(installation.isRunning(), `the process ended by itself:\n${installation.said()}`);
      recoveries.push(performance.now() - at);
    }
    await load.stop();
    await comeToRest(installation);
    await assertAllThereOnce(installation, load);
    await installation.withDatabase(async (sql) => {
      await assertAllClosed(sql, "after all kills");
      // Statistics that crashes have kept from being made: without them the questions below are planned as for empty tables.
      await sql("analyze");
      await assertClosedIsExact(sql, 1, "after all kills");
    });
    await assertMailsOut(installation);
    const verdict = JSON.parse(await installation.popug("verify", "--json"));
    assert.deepEqual([verdict.ok, verdict.findings], [true, []]);
    assert.equal(await installation.stop(), 0);
    recoveries.sort((a, b) => a - b);
    const ms = (share: number) => Math.round(recoveries[Math.floor((recoveries.length - 1) * share)] as number);
    t.diagnostic(
      `seed ${firstSeed}: ${kills} kills, ${databaseStops} crashes of the database; ${load.answered} commands answered, ` +
        `${load.repeated} tries without an answer, ${verdict.periods.length} periods, ${verdict.events} events; back at work ` +
        `after ${ms(0.5)} ms (median), ${ms(1)} ms (longest); ${((performance.now() - begun) / 1_000).toFixed(0)} s`,
    );
  } catch (error) {
    t.diagnostic(`seed ${firstSeed}; it said at last:\n${installation.said()}`);
    throw error;
  } finally {
    await installation.remove();
  }
});

function shuffled<T>(list: T[], below: (n: number) => number): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}

const REST_WITHIN_MS = 120_000;

/** Closes the open period, and waits until every period that ended is closed and all mails are out. */
async function comeToRest(installation: Installation): Promise<void> {
  const open = (await installation.request("accountant", "GET", "/periods?limit=1")).body.items[0];
  await installation.request("accountant", "POST", `/periods/${open.number}/close`, {});
  // Mails that a killed process had claimed are taken over after minutes; here, that time has passed.
  await installation.withDatabase((sql) =>
    sql(`update notifications.mail set claimed_at = claimed_at - interval '1 hour', next_attempt_at = clock_timestamp()
          where status in ('queued', 'sending')`),
  );
  let rest: { what: string; n: number }[] = [];
  let letters: unknown[] = [];
  await until(
    async () => {
      rest = (await installation.withDatabase((sql) => sql<{ what: string; n: number }>(LEFT, [open.number]))).filter(
        ({ n }) => n > 0,
      );
      letters = await installation.withDatabase((sql) =>
        sql(`select partition, position, type, period, status, reason from accounting.dead_letter limit 3`),
      );
      return rest.length === 0 ? true : undefined;
    },
    {
      withinMs: REST_WITHIN_MS,
      everyMs: 200,
      late: () => `it does not come to rest: ${JSON.stringify({ rest, letters })}\n${installation.said()}`,
    },
  );
}

/** What is still to be done after the end of period $1. */
const LEFT = `
  select 'not yet ended' as what, count(*) as n from tasks.registration where period <= $1
  union all select 'outbox of tasks', count(*) from tasks.outbox
  union all select 'outbox of accounting', count(*) from accounting.outbox
  union all select 'periods not closed', count(*) from accounting.period p, tasks.registration r
             where p.number < r.period and p.closed_at is null
  union all select 'closes not checked', count(*) from accounting.closing c
             where not exists (select from accounting.close_check k where k.period = c.period)
  union all select 'mails to be queued', count(*) from accounting.closing c
             where not exists (select from notifications.mail m where m.period = c.period)
  union all select 'mails', count(*) from notifications.mail where status in ('queued', 'sending')`;

async function assertAllThereOnce(installation: Installation, load: Load): Promise<void> {
  await installation.withDatabase(async (sql) => {
    const tasks = await sql<{ id: string; title: string; status: string }>(
      "select task_id as id, title, status from tasks.task",
    );
    assert.deepEqual(
      tasks.map(({ title, id }) => `${title} ${id}`).sort(),
      [...load.created].map(([title, id]) => `${title} ${id}`).sort(),
      "the tasks are those that were acknowledged, each once",
    );
    const done = tasks.filter(({ status }) => status === "done").map(({ id }) => id);
    assert.deepEqual(done.sort(), [...load.done].sort(), "done is what was acknowledged as done");
    const events = await sql<{ type: string; n: number; keys: number }>(
      `select type, count(*) as n, count(distinct key) as keys from tasks.log
        where type in ('task.created', 'task.done') group by type order by type`,
    );
    const expected = { "task.created": load.created.size, "task.done": load.done.size };
    for (const { type, n, keys } of events) {
      assert.deepEqual([n, keys], [expected[type as never], expected[type as never]], type);
    }
  });
}

/** Every mail is there once, as a file, whole. */
async function assertMailsOut(installation: Installation): Promise<void> {
  const [mails] = await installation.withDatabase((sql) =>
    sql<{ n: number; sent: number; periods: number; closed: number }>(
      `select count(*) as n, count(*) filter (where status = 'sent') as sent, count(distinct period) as periods,
              (select count(*) from accounting.closing) as closed from notifications.mail`,
    ),
  );
  assert.deepEqual([mails?.sent, mails?.periods], [mails?.n, mails?.closed], "all mails of all closed periods are out");
  const files = await readdir(join(installation.dataDir, "mailbox"));
  assert.equal(files.filter((file) => file.endsWith(".eml")).length, mails?.n);
}
