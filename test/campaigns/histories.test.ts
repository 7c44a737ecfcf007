/**
 * Made-up histories against a model in memory. A history is a list of steps: what tasks says, and what accounting happens
 * to do meanwhile (some partitions, a second copy, a close that is killed). Each has popugs of its own, so that many of
 * them, and their smaller versions when one fails, share books.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { RunningService } from "../../src/platform/run-service.ts";
import type { Sql } from "../../src/platform/service.ts";
import { closeBooks } from "../../src/services/accounting/close.ts";
import { lowestUnclosed } from "../../src/services/accounting/period-store.ts";
import { verifyBooks } from "../../src/services/accounting/verify.ts";
import { campaign } from "../kit/random.ts";
import { type Books, openBooks } from "../services/accounting/books.ts";
import { type Company, company } from "../services/accounting/company.ts";
import { type Happening, type ModelStatement, type Price, statementsOf } from "../services/accounting/model.ts";

let books: Books;
let rival: RunningService;
let team: Company;
let lanes: (() => Promise<number>)[];

/** Books of one period only, for what is told next; `work` leaves them as it likes. */
async function inNewBooks(work: () => Promise<void>): Promise<void> {
  books = await openBooks();
  try {
    rival = await books.another();
    team = company(books);
    await team.found();
    await books.settle();
    lanes = books.lanes();
    await work();
  } finally {
    await rival.stop();
    await books.stop();
  }
}

const popug = fc.nat({ max: 3 });
const task = fc.nat({ max: 9 });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("create" as const), popug }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("draw" as const), task, popug }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("done" as const), task }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("reopen" as const), task, popug }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("edit" as const), task }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), task }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("end" as const), early: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("apply" as const), lanes: fc.integer({ min: 1, max: 0xffff }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("two copies at once" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("kill a close" as const), at: fc.integer({ min: 1, max: 20 }) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** One history as it is told, and what came of it so far. */
class History {
  readonly popugs = Array.from({ length: 4 }, () => randomUUID());
  readonly happenings: Happening[] = [];
  readonly tasks: { id: string; popug: string; state: "open" | "done" | "cancelled" }[] = [];
  readonly firstPeriod = team.period();

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case "create": {
        const popug = this.popugs[step.popug] as string;
        const id = await team.create(popug);
        this.tasks.push({ id, popug, state: "open" });
        return this.note("assigned", id, popug);
      }
      case "draw": {
        const found = this.find(step.task, "open");
        if (found === undefined) return;
        found.popug = this.popugs[step.popug] as string;
        return this.change("assigned", found);
      }
      case "done": {
        const found = this.find(step.task, "open");
        if (found === undefined) return;
        found.state = "done";
        return this.change("done", found);
      }
      case "reopen": {
        const found = this.find(step.task, "done");
        if (found === undefined) return;
        found.state = "open";
        await this.change("reopened", found);
        found.popug = this.popugs[step.popug] as string;
        return this.change("assigned", found);
      }
      case "cancel": {
        const found = this.find(step.task, "open");
        if (found === undefined) return;
        found.state = "cancelled";
        return this.change("cancelled", found);
      }
      case "edit": {
        const found = this.tasks[step.task];
        if (found !== undefined) await team.change(found.id, found.popug, "edited");
        return;
      }
      case "end":
        return step.early ? team.endEarly() : team.end();
      case "apply":
        await books.log();
        for (const [index, lane] of lanes.entries()) if ((step.lanes >> index) & 1) await lane();
        return;
      case "two copies at once":
        await books.log();
        await Promise.allSettled([books.accounting.pass(), rival.pass(), books.accounting.pass(), rival.pass()]);
        return;
      case "kill a close":
        return killClose(step.at);
      default:
        throw new Error(`no such step: ${JSON.stringify(step satisfies never)}`);
    }
  }

  private find(index: number, state: "open" | "done") {
    const fitting = this.tasks.filter((it) => it.state === state);
    return fitting[index % Math.max(fitting.length, 1)];
  }
  private async change(what: Happening["what"], { id, popug }: { id: string; popug: string }): Promise<void> {
    await team.change(id, popug, what);
    this.note(what, id, popug);
  }
  private note(what: Happening["what"], task: string, popug: string): void {
    this.happenings.push({ what, task, popug, period: team.period() });
  }
}

/** Lets the next close run into a wall before its n-th statement. */
async function killClose(at: number): Promise<void> {
  await books.log();
  while ((await books.accounting.parts.get("consumer:on-task")?.()) ?? 0);
  const period = await lowestUnclosed(books.role);
  if (period === undefined) return;
  let statements = 0;
  await books.accounting.tools
    .transact("billing.close", "system:close", (ctx) => {
      const sql: Sql = (text, params) => {
        if (++statements === at) return Promise.reject(new Error("killed"));
        return ctx.sql(text, params);
      };
      return closeBooks({ ...ctx, sql }, period.number);
    })
    .catch((error: Error) => assert.equal(error.message, "killed"));
}

async function pricesOf(tasks: readonly string[]): Promise<Map<string, Price>> {
  const rows = await books.owner<Price & { id: string }>(
    "select task_id as id, fee_minor as fee, reward_minor as reward from price where task_id = any($1)",
    [tasks],
  );
  return new Map(rows.map(({ id, fee, reward }) => [id, { fee, reward }]));
}

/** What the books say of these popugs, in the model's form. */
async function told(history: History): Promise<Map<string, ModelStatement>> {
  const rows = await books.owner<ModelStatement & { key: string }>(
    `select period || '/' || user_id as key, opening_minor as opening, credits_minor as credits, debits_minor as debits,
            payout_minor as payout, closing_minor as closing from statement where user_id = any($1)`,
    [history.popugs],
  );
  return new Map(rows.map(({ key, ...statement }) => [key, statement]));
}

const sorted = <T>(map: Map<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

/** Tells one history, and holds what came of it against the model. */
async function tell(steps: Step[]): Promise<void> {
  const history = new History();
  for (const taken of steps) await history.take(taken);
  const lastPeriod = team.period();
  await team.end();
  await books.settle();
  const prices = await pricesOf(history.tasks.map(({ id }) => id));
  assert.deepEqual(sorted(await told(history)), sorted(statementsOf(history.happenings, prices, lastPeriod)));
  const [lines] = await books.owner<{ booked: number; places: number }>(
    `select count(*) as booked, count(distinct (epoch, partition, position, leg)) as places
       from posting where user_id = any($1) and source = 'tasks'`,
    [history.popugs],
  );
  assert.deepEqual(lines, { booked: history.happenings.length, places: history.happenings.length });
  const [odd] = await books.owner<{ n: number }>(
    `select (select count(*) from (select period from balance where period >= $1 group by period
                                   having sum(debits_minor) <> sum(credits_minor)) unequal)
          + (select count(*) from close_check where period >= $1 and not ok)
          + (select count(*) from dead_letter) as n`,
    [history.firstPeriod],
  );
  assert.equal(odd?.n, 0);
}

/** So many share books: a ledger of more periods is no other one, only a slower one. */
const SHARED = 100;
const { runs, firstSeed } = campaign(200, 10_000);
for (let done = 0; done < runs; done += SHARED) {
  const numRuns = Math.min(SHARED, runs - done);
  const seed = firstSeed + done / SHARED;
  test(`made-up histories ${done + 1} to ${done + numRuns} (seed ${seed}) come out as in a model of one thread: every line once, every statement to the cent, and the books are what the logs say`, () =>
    inNewBooks(async () => {
      await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), tell), { numRuns, seed });
      assert.deepEqual((await verifyBooks(books.owner)).findings, []);
    }));
}
