/**
 * A company whose processes do nothing by themselves: who plays the scheduler says which part moves when, and what fails.
 * One of several processes (`startTestApp`) works by itself; there, the scheduler says who is paused.
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { pino } from "pino";
import { v7 as uuidv7 } from "uuid";
import { allContracts, allServices } from "../../src/app/services.ts";
import { isTransient } from "../../src/platform/database.ts";
import { connectionOf } from "../../src/platform/migrate.ts";
import { type RunningService, runService } from "../../src/platform/run-service.ts";
import { createTask } from "../../src/services/tasks/commands/create-task.ts";
import { type Answer, startTestApp, type TestApp } from "../kit/app.ts";
import { type Apart, isApart } from "../kit/apart.ts";
import type { Copy } from "../kit/processes.ts";
import type { Random } from "../kit/random.ts";
import { OF_THE_BOOKS } from "../kit/rest.ts";
import { onServer } from "../kit/server.ts";

/** What people were told: so much took effect for certain, so much perhaps (the answer was lost). */
export type Told = { certain: number; perhaps: number };

export type Company = {
  app: TestApp;
  /**
   * `service/part`, and `service#2/part` for the second copies of tasks and accounting; of several processes, pauses of each.
   */
  parts: ReadonlyMap<string, () => Promise<number>>;
  /** The statements of `app.owner` see all services at one moment; not when they live in databases of their own. */
  seesOneMoment: boolean;
  /** One of those that run tasks, for transactions that are played. */
  tasks: RunningService;
  told: Record<"created" | "done" | "reopened" | "cancelled" | "shuffled", Told>;
  /** Number of faults that may break somebody's connection, since the last settling. */
  kills: number;
  /** Until nothing is left to do, whatever connections were lost: in all services … */
  settle: () => Promise<void>;
  /** … or in those that the books come from. */
  settleBooks: () => Promise<void>;
  /** What the books come from goes on, where it only moves when it is told to. */
  moveBooks: () => Promise<void>;
  /** Ends a period; of several processes, one misses it, and before that all that `work` does at another one's address. */
  end: (end: () => Promise<unknown>, work: (url: string) => Promise<void>) => Promise<unknown>;
  stop: () => Promise<void>;
};

export const WORKERS = 6;
/** One that others hardly notice, and one in which they do a lot. */
const PAUSES_MS = [5, 50];
/** Long enough for all others to be through with the end of a period. */
const MISSED_END_MS = 800;

export async function openCompany(): Promise<Company> {
  const app = await startTestApp({
    loops: false,
    people: [
      { login: "manager", roles: ["manager"] },
      { login: "accountant", roles: ["accountant"] },
      ...Array.from({ length: WORKERS }, (_, i) => ({ login: `worker${i + 1}`, roles: ["worker"] })),
    ],
  });
  const { settleBooks, stop, ...play } = isApart(app) ? playPauses(app) : playParts(app);
  const settle = async (once: () => Promise<void>) => {
    for (let attempt = 1; ; attempt++) {
      try {
        await once();
        company.kills = 0;
        return;
      } catch (error) {
        // A connection that was killed while it was idle shows at its next use.
        if (!isTransient(error) || attempt === 20) throw error;
      }
    }
  };
  const company: Company = {
    app,
    ...play,
    seesOneMoment: app.installationOf("tasks").admin.database === app.installationOf("accounting").admin.database,
    told: {
      created: { certain: 0, perhaps: 0 },
      done: { certain: 0, perhaps: 0 },
      reopened: { certain: 0, perhaps: 0 },
      cancelled: { certain: 0, perhaps: 0 },
      shuffled: { certain: 0, perhaps: 0 },
    },
    kills: 0,
    settle: () => settle(app.settle),
    settleBooks: () => settle(settleBooks),
    stop: async () => {
      await stop();
      await app.stop();
    },
  };
  return company;
}

type Play = Pick<Company, "parts" | "tasks" | "settleBooks" | "moveBooks" | "end" | "stop">;

/** In this process, with second copies of tasks and accounting; each part moves when it is told to. */
function playParts(app: TestApp): Play {
  const parts = new Map<string, () => Promise<number>>();
  for (const [name, running] of app.app.services) {
    for (const [part, pass] of running.parts) parts.set(`${name}/${part}`, pass);
  }
  // Another process on the same database: it reads the same cursors, and must never make anything happen twice.
  const second = ["tasks", "accounting"].map((name) => copyOf(app, name));
  for (const running of second) {
    for (const [part, pass] of running.parts) parts.set(`${running.service.name}#2/${part}`, pass);
  }
  const moveBooks = async () => {
    const services = OF_THE_BOOKS.map((name) => app.app.services.get(name));
    for (let did = -1; did !== 0; ) {
      did = 0;
      for (const service of services) did += (await service?.pass()) ?? 0;
    }
  };
  return {
    parts,
    tasks: app.app.services.get("tasks") ?? assert.fail("nobody runs tasks"),
    settleBooks: moveBooks,
    moveBooks,
    end: (end) => end(),
    stop: async () => {
      for (const running of second) await running.stop();
    },
  };
}

/** In several processes, each of which stands still now and then while the others go on. */
function playPauses(app: Apart): Play {
  const parts = new Map<string, () => Promise<number>>();
  for (const [index, copy] of app.processes.copies.entries()) {
    for (const ms of PAUSES_MS) {
      parts.set(`${copy.services.join("+")} ${index}/pause of ${ms} ms`, () => pause(copy, ms));
    }
  }
  const tasks = copyOf(app, "tasks");
  // One after the other misses the end of a period, and comes to it when the others would have closed it.
  const booking = app.processes.copies.filter(({ services }) => services.includes("accounting"));
  let ends = 0;
  return {
    parts,
    tasks,
    settleBooks: () => app.settleIn(OF_THE_BOOKS),
    moveBooks: async () => {},
    end: async (end, work) => {
      const [paused, other] = [booking[ends++ % booking.length], booking[ends % booking.length]];
      assert(paused && other);
      await paused.signal("SIGSTOP");
      try {
        await work(other.url);
      } finally {
        void delay(MISSED_END_MS).then(() => paused.signal("SIGCONT"));
      }
      return end();
    },
    stop: tasks.stop,
  };
}

/** Stands still, and goes on after that time. */
async function pause(copy: Copy, afterMs: number): Promise<number> {
  await copy.signal("SIGSTOP");
  await delay(afterMs);
  await copy.signal("SIGCONT");
  return 0;
}

/** Another copy of a service, which moves only when it is told to. */
function copyOf(app: TestApp, name: string): RunningService {
  const services = allServices(app.settings);
  return runService(services.find((service) => service.name === name) ?? assert.fail(name), {
    connection: connectionOf(app.installationOf(name), name),
    poolSize: 4,
    log: pino({ level: "silent" }),
    contracts: allContracts(services),
    batchSize: 64,
  });
}

/** One thing that somebody does, or that happens to the machine. Its name says what, for the story of a failure. */
export type Move = { name: string; run: () => Promise<unknown> };

/** Answers 2xx are certain; a lost connection may or may not have come too late. Everything else is a refusal. */
function note(company: Company, told: Told | undefined, answer: Answer): void {
  assert(answer.status < 500 || answer.status === 503, `a command failed on our side: ${JSON.stringify(answer.body)}`);
  if (answer.status === 503) assert(company.kills > 0, `unavailable without a fault: ${JSON.stringify(answer.body)}`);
  if (told === undefined) return;
  if (answer.status < 300) told.certain++;
  if (answer.status === 503) told.perhaps++;
}

type OpenTask = { taskId: string; assignee: string | null };

/** Draws something that people do. */
export function command(company: Company, random: Random): Move {
  const { app, told } = company;
  const task = async (status: string, newest: number): Promise<OpenTask | undefined> => {
    const tasks = await app.owner<OpenTask>(
      `select t.task_id as "taskId", p.login as assignee from tasks.task t left join auth.person p on p.user_id = t.assignee_id
        where t.status = $1 order by t.number desc limit 12`,
      [status],
    );
    return tasks[newest % Math.max(tasks.length, 1)];
  };
  const which = random.below(12);
  const worker = `worker${1 + random.below(WORKERS)}`;
  const post = async (login: string, path: string, body: unknown, counted: Told | undefined) => {
    note(company, counted, await app.as(login).post(path, body));
  };
  const complete = async (times: number) => {
    const found = await task("in_progress", which);
    if (found === undefined) return;
    const by = found.assignee ?? "admin";
    await Promise.all(Array.from({ length: times }, () => post(by, `/tasks/${found.taskId}/complete`, {}, told.done)));
  };
  const reopen = async () => {
    const found = await task("done", which);
    if (found !== undefined) await post("admin", `/tasks/${found.taskId}/reopen`, {}, told.reopened);
  };
  const cancel = async () => {
    const found = await task("in_progress", which);
    const body = { reason: "a duplicate" };
    if (found !== undefined) await post("manager", `/tasks/${found.taskId}/cancel`, body, told.cancelled);
  };
  const change = async (body: unknown) => {
    note(company, undefined, await app.as("admin").patch(`/users/${app.people[worker]}`, body));
  };
  const kind = random.below(100);
  const afterMs = random.below(15);
  if (kind < 30) return { name: "create", run: () => post(worker, "/tasks", { title: "Fix the cage" }, told.created) };
  if (kind < 36) return { name: "create slowly", run: () => createSlowly(company, afterMs) };
  if (kind < 62) return { name: "complete", run: () => complete(1) };
  if (kind < 66) return { name: "cancel", run: cancel };
  if (kind < 72) return { name: "complete, pressed twice", run: () => complete(2) };
  if (kind < 78) return { name: "reopen", run: reopen };
  if (kind < 86) return { name: "shuffle", run: () => post("manager", "/shuffles", {}, told.shuffled) };
  if (kind < 92) return { name: `deactivate ${worker}`, run: () => change({ status: "inactive" }) };
  if (kind < 98) return { name: `reactivate ${worker}`, run: () => change({ status: "active" }) };
  return { name: `promote ${worker}`, run: () => change({ roles: [random.pick(["worker", "manager"])] }) };
}

/** A task whose transaction has joined the period and emitted, and then takes its time to commit. */
async function createSlowly(company: Company, afterMs: number): Promise<void> {
  const { app, tasks } = company;
  const userId = app.people["admin"];
  assert(userId);
  const correlationId = uuidv7();
  try {
    await tasks.transact(
      { correlationId, actor: `user:${userId}`, command: "task.create", traceparent: null },
      async (ctx) => {
        const actor = { userId, login: "admin", name: "admin", roles: ["admin"] };
        await createTask({ ...ctx, actor, correlationId }, { title: "Count the seeds" }, app.settings);
        await delay(afterMs);
      },
    );
    company.told.created.certain++;
  } catch (error) {
    if (!isTransient(error) || company.kills === 0) throw error;
    company.told.created.perhaps++;
  }
}

/** Tasks on all partitions, made at that address and no other. */
async function createMany(company: Company, url: string): Promise<void> {
  const { app, told } = company;
  const titles = Array.from({ length: 32 }, (_, i) => `Seed ${i}`);
  const headers = { authorization: `Bearer ${await app.as("manager").token()}`, "content-type": "application/json" };
  const answer = await fetch(`${url}/api/tasks/import`, { method: "POST", headers, body: JSON.stringify({ titles }) });
  assert(answer.ok || (answer.status === 503 && company.kills > 0), await answer.text());
  if (answer.ok) told.created.certain += titles.length;
  else told.created.perhaps += titles.length;
}

/** Draws a way in which the open period ends: somebody closes it now, or midnight comes, sometimes more than one. */
export function periodEnd(company: Company, random: Random): Move {
  const { app } = company;
  const days = random.chance(0.15) ? 1 + random.below(3) : 0;
  if (random.chance(0.5)) {
    const run = async () => {
      const [row] = await app.owner<{ number: number }>("select max(number) as number from accounting.period");
      note(company, undefined, await app.as("accountant").post(`/periods/${row?.number}/close`));
    };
    return { name: "close now", run: () => company.end(run, (at) => createMany(company, at)) };
  }
  const lateMs = random.below(60_000);
  const run = async () => {
    const { rows } = await onServer(app.installationOf("tasks").admin, (client) =>
      client.query<{ ms: string }>(
        `select greatest(0, ceil(extract(epoch from ends_at - popug.business_now()) * 1000)) as ms from tasks.registration`,
      ),
    );
    await app.moveClock(Number(rows[0]?.ms ?? 0) + lateMs + days * 86_400_000);
  };
  const name = `midnight${days ? ` and ${days} more days` : ""}`;
  return { name, run: () => company.end(run, (at) => createMany(company, at)) };
}

/** Draws something that goes wrong in the midst of what runs beside it. */
export function fault(company: Company, random: Random): Move {
  const { app } = company;
  const afterMs = random.below(12);
  const service = random.pick(["tasks", "accounting", "accounting", "auth"]);
  if (random.chance(0.6)) {
    const run = async () => {
      company.kills++;
      await delay(afterMs);
      const installation = app.installationOf(service);
      await onServer(installation.admin, (client) =>
        client.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = $1",
          [connectionOf(installation, service).user],
        ),
      );
    };
    return { name: `kill the connections of ${service}`, run };
  }
  const partition = random.below(16);
  const what = random.pick([
    `accounting.cursor where consumer = 'on-task' and partition = ${partition} for update`,
    "accounting.log_source for update",
    "tasks.log_source for update",
    "accounting.period where closed_at is null for share",
  ]);
  return { name: `hold ${what}`, run: () => hold(company, what, afterMs) };
}

/** @param what rows of a table, with the schema of their service */
async function hold({ app }: Company, what: string, afterMs: number): Promise<void> {
  const [service = ""] = what.split(".");
  await onServer(app.installationOf(service).admin, async (client) => {
    await client.query(`begin; select 1 from ${what}`);
    await delay(afterMs);
  });
}
