/** A whole day of the demo company, played through the public API as people would. */
import { setTimeout as delay } from "node:timers/promises";
import { allPages, ApiRefused, type Caller } from "../cli/caller.ts";
import { CommandFailed } from "../cli/command-failed.ts";
import type { ImportReport } from "../cli/import.ts";
import { openPeriod, type Period, untilClosed } from "../cli/period.ts";
import { progress } from "../cli/progress.ts";
import { atOnce } from "./at-once.ts";
import type { Cast } from "./cast.ts";
import type { Chance } from "./chance.ts";
import { sayWhereToPay } from "./pay-details.ts";

type Task = { id: string; number: number; title: string };
type Shuffle = { shuffleId: string; status: "running" | "finished"; total: number; drawn: number };
type Done = { worker: Caller; task: Task };

/** What happened, for the report. */
export type Played = {
  period: number;
  imported: number;
  completed: number;
  /** "Done" on a task that a shuffle had just moved to somebody else. */
  movedAway: number;
  shuffles: { by: string; drawn: number }[];
  doneTwice: { by: string; task: number };
  reopened: { by: string; task: number };
  deactivated: { login: string; reassigned: number };
};

/** A day that ends sooner is left to itself, and the next one is played. */
const LEAST_TIME_MS = 15 * 60_000;
const PATIENCE_MS = 120_000;
const ROUNDS = 3;

/** Plays until the evening; the books are still open then. `say` tells what happens. */
export async function playDay(cast: Cast, csv: string, fate: Chance, say: (line: string) => void): Promise<Played> {
  const period = await morning(cast, say);
  await sayWhereToPay(cast.workers);
  const [importer] = cast.managers as [Caller];
  const { created } = await importer.post<ImportReport>("/tasks/import", { csv });
  say(`${importer.user.name} imports ${created} tasks; each goes to a popug drawn at random.`);

  const diligence = new Map(cast.workers.map((worker) => [worker, 0.35 + 0.6 * fate.next()]));
  let workers = cast.workers;
  const done: Done[] = [];
  const played = {
    period: period.number,
    imported: created,
    completed: 0,
    movedAway: 0,
    shuffles: [] as Played["shuffles"],
  };
  let doneTwice: Played["doneTwice"] | undefined;
  let deactivated: Played["deactivated"] | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const manager = cast.managers[round % cast.managers.length] as Caller;
    const todo = await choose(workers, fate, (worker) => diligence.get(worker) ?? 0);
    const { finished, movedAway, shuffle } = await work(todo, manager);
    done.push(...finished);
    played.completed += finished.length;
    played.movedAway += movedAway;
    played.shuffles.push({ by: manager.user.login, drawn: shuffle.drawn });
    say(`Popugs finish ${finished.length} tasks while ${manager.user.name} shuffles: ${shuffle.drawn} drawn anew.`);
    if (round === 0) {
      if (finished.length === 0) throw new CommandFailed("Nobody has anything to do; import a file with more tasks.");
      doneTwice = await pressTwice(fate.oneOf(finished));
      say(`${nameOf(cast, doneTwice.by)} presses "done" on task ${doneTwice.task} a second time and is refused.`);
    }
    if (round === 1) {
      // Those who keep the books stay, and somebody who has finished a task that can be reopened.
      const leaver = fate.oneOf(workers.filter((it) => !keepsBooks(it) && it !== done[0]?.worker));
      workers = workers.filter((worker) => worker !== leaver);
      deactivated = await deactivate(cast, leaver, say);
    }
  }
  const { worker, task } = fate.oneOf(done.filter((it) => workers.includes(it.worker)));
  await worker.post(`/tasks/${task.id}/reopen`);
  say(`${worker.user.name} reopens task ${task.number}; the reward is taken back.`);
  const reopened = { by: worker.user.login, task: task.number };
  if (doneTwice === undefined || deactivated === undefined) throw new Error("the day was shorter than planned");
  return { ...played, doneTwice, reopened, deactivated };
}

/** Moves the clock behind the end of the period, and waits until its books are closed. */
export async function endDay(cast: Cast, number: number): Promise<Period> {
  const { endsAt, status } = await cast.accountant.get<Period>(`/periods/${number}`);
  const { now } = await cast.admin.get<{ now: string }>("/clock");
  if (status === "open" && Date.parse(now) <= Date.parse(endsAt)) {
    await cast.admin.post("/clock", { to: new Date(Date.parse(endsAt) + 60_000).toISOString() });
  }
  return untilClosed(cast.accountant, number);
}

/** The open period, with enough of the day left, and the books of all days before it closed. */
async function morning(cast: Cast, say: (line: string) => void): Promise<Period> {
  let period = await openPeriod(cast.accountant);
  const { now } = await cast.admin.get<{ now: string }>("/clock");
  if (Date.parse(period.endsAt) - Date.parse(now) < LEAST_TIME_MS) {
    say(`The day ${period.label} is nearly over; it is left to end.`);
    await endDay(cast, period.number);
    period = await openPeriod(cast.accountant);
  }
  if (period.number > 1) await untilClosed(cast.accountant, period.number - 1);
  return period;
}

/** Each popug decides for a random part of their own tasks; all of it in the order in which it will be done. */
async function choose(
  workers: readonly Caller[],
  fate: Chance,
  diligence: (worker: Caller) => number,
): Promise<Done[]> {
  const lists = new Map<Caller, Task[]>();
  await atOnce(workers, async (worker) => {
    lists.set(worker, await allPages<Task>(worker, "/my/tasks?status=in_progress"));
  });
  // In the order of the people, not of the answers: the same seed decides the same.
  const chosen = workers.flatMap((worker) =>
    (lists.get(worker) ?? []).filter(() => fate.next() < diligence(worker)).map((task) => ({ worker, task })),
  );
  return fate.mixed(chosen);
}

/** Popugs finish what they have chosen; before all is finished the manager shuffles all open tasks. */
async function work(todo: readonly Done[], manager: Caller) {
  const finished: Done[] = [];
  let movedAway = 0;
  let begun = 0;
  let shuffle: Promise<Shuffle> | undefined;
  const bar = progress("Working", todo.length);
  try {
    await atOnce(todo, async (it) => {
      if (begun++ >= 0.8 * todo.length) shuffle ??= shuffleAll(manager);
      try {
        await it.worker.post(`/tasks/${it.task.id}/complete`);
        finished.push(it);
      } catch (error) {
        if (!(error instanceof ApiRefused && error.code === "not-your-task")) throw error;
        movedAway += 1;
      }
      bar.to(finished.length + movedAway);
    });
    shuffle ??= shuffleAll(manager);
    return { finished, movedAway, shuffle: await shuffle };
  } finally {
    bar.end();
    await shuffle?.catch(() => {});
  }
}

async function shuffleAll(manager: Caller): Promise<Shuffle> {
  const { shuffleId } = await manager.post<Shuffle>("/shuffles");
  return until(`shuffle ${shuffleId} is finished`, async () => {
    const shuffle = await manager.get<Shuffle>(`/shuffles/${shuffleId}`);
    return shuffle.status === "finished" ? shuffle : undefined;
  });
}

async function pressTwice({ worker, task }: Done): Promise<Played["doneTwice"]> {
  try {
    await worker.post(`/tasks/${task.id}/complete`);
  } catch (error) {
    if (error instanceof ApiRefused && error.code === "task-already-done") {
      return { by: worker.user.login, task: task.number };
    }
    throw error;
  }
  throw new CommandFailed(`A second "done" on task ${task.number} was accepted.`);
}

async function deactivate(cast: Cast, leaver: Caller, say: (line: string) => void): Promise<Played["deactivated"]> {
  const { userId, login, name } = leaver.user;
  const theirs = `/tasks?assigneeId=${userId}&status=in_progress`;
  const before = await allPages<Task>(cast.admin, theirs);
  await cast.admin.patch(`/users/${userId}`, { status: "inactive" });
  await until(`the open tasks of ${login} are reassigned`, async () => {
    const { items } = await cast.admin.get<{ items: Task[] }>(`${theirs}&limit=1`);
    return items.length === 0 ? true : undefined;
  });
  say(`${name} leaves and is deactivated; ${before.length} open tasks go to others.`);
  return { login, reassigned: before.length };
}

const keepsBooks = ({ user }: Caller) => user.roles.includes("accountant");

const nameOf = (cast: Cast, login: string) =>
  cast.workers.find((worker) => worker.user.login === login)?.user.name ?? login;

/** Looks again until there is something. @throws CommandFailed after two minutes */
export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new CommandFailed(`Waited ${PATIENCE_MS / 1_000} s in vain until ${what}.`);
    await delay(100);
  }
}
