/**
 * The barrier: seeded interleavings of commands, ends of periods, and all that moves by itself, with parts that stand
 * still, are slow, or lose their connections in the midst. `POPUG_SEED` and `POPUG_RUNS` repeat what failed.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isTransient } from "../../src/platform/database.ts";
import { campaign, type Random, seededRandom } from "../kit/random.ts";
import { assertAllClosed, assertClosedIsExact } from "./books-proof.ts";
import { type Company, command, fault, type Move, openCompany, periodEnd, WORKERS } from "./company-at-work.ts";

/** A database serves so many interleavings; each of them is a period (or more) of its own. */
const PER_DATABASE = 100;

const { runs, firstSeed } = campaign(200, 1_000);

test(`in ${runs} interleavings no period closes early, misses or doubles an event; at last every one closes`, async (t) => {
  const begun = performance.now();
  const totals = { periods: 0, closedUnderWay: 0, events: 0, kills: 0 };
  for (let first = 0; first < runs; first += PER_DATABASE) {
    const company = await openCompany();
    try {
      for (let i = first; i < Math.min(first + PER_DATABASE, runs); i++) {
        const seed = firstSeed + i;
        const story: string[] = [];
        try {
          await interleave(company, seededRandom(seed), story, totals);
        } catch (error) {
          t.diagnostic(`seed ${seed} (database begun with seed ${firstSeed + first})\n${story.join("\n")}`);
          throw error;
        }
      }
      await company.settle();
      await assertAllClosed(company.app.owner, "at the end");
      await assertClosedIsExact(company.app.owner, 1, "the whole log");
      const [sum] = await company.app.owner<{ periods: number; events: number }>(
        "select (select count(*) from accounting.closing) as periods, (select count(*) from tasks.log) as events",
      );
      totals.periods += sum?.periods ?? 0;
      totals.events += sum?.events ?? 0;
    } finally {
      await company.stop();
    }
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  t.diagnostic(
    `seeds ${firstSeed}…${firstSeed + runs - 1}: ${totals.periods} periods (${totals.closedUnderWay} closed amid other ` +
      `work), ${totals.events} events of tasks, ${totals.kills} kills, ${seconds} s`,
  );
});

/** Plays one interleaving; what is closed is proved whenever something closes, and everything at the end. */
async function interleave(
  company: Company,
  random: Random,
  story: string[],
  totals: { closedUnderWay: number; kills: number },
): Promise<void> {
  const { app } = company;
  const firstPeriod = await openPeriod(company);
  let closedBefore = await closedPeriods(company);
  const steps = 8 + random.below(14);
  const endsAt = random.below(steps);
  const schedule = faultySchedule(company, random, steps);
  for (let step = 0; step < steps; step++) {
    const moves: Move[] = [];
    const width = 1 + random.below(5);
    for (let i = 0; i < width; i++) {
      if (random.chance(0.12)) moves.push(schedule.round(step));
      else if (random.chance(0.5)) moves.push(...schedule.part(step));
      else moves.push(command(company, random));
    }
    if (random.chance(0.06)) {
      moves.push(fault(company, random));
    }
    if (step === endsAt || random.chance(0.05)) moves.push(periodEnd(company, random));
    story.push(moves.map((move) => move.name).join(" | "));
    const kills = company.kills;
    const outcomes = await Promise.allSettled(moves.map((move) => move.run()));
    totals.kills += company.kills - kills;
    for (const outcome of outcomes) {
      if (outcome.status === "rejected" && !(company.kills > 0 && isTransient(outcome.reason))) throw outcome.reason;
    }
    const closed = await closedPeriods(company);
    if (closed > closedBefore) {
      totals.closedUnderWay += closed - closedBefore;
      closedBefore = closed;
      if (company.seesOneMoment) await assertClosedIsExact(app.owner, firstPeriod, "while work goes on");
    }
  }
  await company.settleBooks();
  if ((await openPeriod(company)) === firstPeriod) {
    // The end that was asked for was refused, or its connection was lost.
    story.push("midnight");
    await app.moveClock(25 * 3_600_000);
    await company.settleBooks();
  }
  await assertAllClosed(app.owner, "after the faults");
  await assertClosedIsExact(app.owner, firstPeriod, "after the faults");
  await assertTold(company);
  await everybodyBack(company);
}

/** Who may move when: for spans of steps, parts or whole services stand still, others are slow. */
function faultySchedule(company: Company, random: Random, steps: number) {
  const names = [...company.parts.keys()].filter((name) => !/^(analytics|notifications)\//.test(name));
  const others = [...company.parts.keys()].filter((name) => /^(analytics|notifications)\//.test(name));
  const spans = Array.from({ length: random.below(4) }, () => {
    const name = random.pick(names);
    const [service] = name.split(/[#/]/);
    const from = random.below(steps);
    // A part, or the whole service with all its copies; for good (until the faults stop), or for a while.
    const stands = random.chance(0.4)
      ? (other: string) => other.split(/[#/]/)[0] === service
      : (other: string) => other === name;
    return { stands, from, to: from + 2 + random.below(steps), slow: random.chance(0.3) };
  });
  const moves = (name: string, step: number): boolean => {
    const span = spans.find(({ stands, from, to }) => stands(name) && step >= from && step < to);
    return span === undefined || (span.slow && random.chance(0.2));
  };
  const pass = (name: string) => company.parts.get(name) as () => Promise<number>;
  return {
    part: (step: number): Move[] => {
      const name = random.pick(random.chance(0.05) && others.length > 0 ? others : names);
      return moves(name, step) ? [{ name, run: pass(name) }] : [];
    },
    /** Everything of one copy that is not standing still, one after the other, from a place that is drawn. */
    round: (step: number): Move => {
      const second = random.chance(0.3);
      const copy = names.filter((name) => name.includes("#") === second);
      const from = random.below(copy.length);
      const able = [...copy.slice(from), ...copy.slice(0, from)].filter((name) => moves(name, step));
      const run = async () => {
        for (const name of able) await pass(name)();
      };
      return { name: `a round of ${able.length} from ${able[0]}`, run };
    },
  };
}

async function openPeriod({ app }: Company): Promise<number> {
  const [row] = await app.owner<{ period: number }>("select period from tasks.registration");
  return row?.period ?? 0;
}

async function closedPeriods({ app }: Company): Promise<number> {
  const [row] = await app.owner<{ closed: number }>("select count(*) as closed from accounting.closing");
  return row?.closed ?? 0;
}

/** What was acknowledged is there once; what was refused is not. */
async function assertTold({ app, told }: Company): Promise<void> {
  const [there] = await app.owner<Record<string, number>>(
    `select count(*) filter (where type = 'task.created') as created, count(*) filter (where type = 'task.done') as done,
            count(*) filter (where type = 'task.reopened') as reopened,
            count(*) filter (where type = 'task.cancelled') as cancelled from tasks.log`,
  );
  for (const kind of ["created", "done", "reopened", "cancelled"] as const) {
    const count = there?.[kind] ?? 0;
    const { certain, perhaps } = told[kind];
    assert(count >= certain, `${certain} were told that it is ${kind}, the log holds ${count}`);
    assert(
      count <= certain + perhaps,
      `${certain} (perhaps ${perhaps} more) were told ${kind}, the log holds ${count}`,
    );
  }
}

/** The next interleaving finds the company complete. */
async function everybodyBack({ app, settleBooks }: Company): Promise<void> {
  const away = await app.owner<{ login: string }>(
    `select login from auth.person where login like 'worker%' and (not active or roles <> '{worker}')`,
  );
  assert(away.length <= WORKERS);
  for (const { login } of away) {
    const answer = await app.as("admin").patch(`/users/${app.people[login]}`, { status: "active", roles: ["worker"] });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  }
  if (away.length > 0) await settleBooks();
}
