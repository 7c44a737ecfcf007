/** What the tasks service has said so far, as its tests look at it. */
import assert from "node:assert/strict";
import { v7 as uuidv7 } from "uuid";
import type { Ctx } from "../../../src/platform/service.ts";
import type { TestApp } from "../../kit/app.ts";

export type Said = {
  type: string;
  version: number;
  period: number;
  partition: number;
  position: number;
  time: Date;
  actor: string;
  cause: string | null;
  control: Record<string, { count: number }> | null;
  // biome-ignore lint/suspicious/noExplicitAny: data of every event
  data: any;
};

/** All events of the log, each partition's in order. */
export async function said(app: TestApp): Promise<Said[]> {
  await app.settle();
  return await app.sql("tasks")<Said>(
    "select type, version, period, partition, position, time, actor, cause, control, data from published order by partition, position",
  );
}

/** The events of one task, in order; `task.updated` with its change, as `task.updated:done`. */
export async function saidOf(app: TestApp, taskId: string): Promise<Said[]> {
  return (await said(app)).filter((event) => event.data.taskId === taskId);
}

export const words = (events: readonly Said[]) =>
  events.map((event) => (event.data.change === undefined ? event.type : `${event.type}:${event.data.change}`));

/** Creates a task. @returns its view */
export async function newTask(app: TestApp, title: string, by = "manager") {
  const answer = await app.as(by).post("/tasks", { title });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body;
}

/** The login of whoever holds the task. */
export function holder(app: TestApp, task: { assigneeId: string }): string {
  const login = Object.keys(app.people).find((name) => app.people[name] === task.assigneeId);
  if (login === undefined) throw new Error(`nobody of this test holds the task: ${task.assigneeId}`);
  return login;
}

/** Somebody of the three workers who does not hold the task. */
export function bystander(app: TestApp, task: { assigneeId: string }): string {
  return ["worker1", "worker2", "worker3"].find((login) => app.people[login] !== task.assigneeId) as string;
}

/** One transaction of the tasks service, as long as `work` takes. */
export function transact<T>(app: TestApp, work: (ctx: Ctx) => Promise<T>): Promise<T> {
  const tasks = app.app.services.get("tasks");
  assert(tasks);
  return tasks.transact({ correlationId: uuidv7(), actor: "system:test", command: "test", traceparent: null }, work);
}

/** Resolves when so many transactions wait for one of the service's locks. */
export async function waitingForLocks(app: TestApp, count: number): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (performance.now() < giveUpAt) {
    const [row] = await app.owner<{ n: number }>(
      `select count(*) as n from pg_locks where locktype = 'advisory' and not granted
          and database = (select oid from pg_database where datname = current_database())`,
    );
    if (row?.n === count) return;
  }
  throw new Error(`${count} transactions should have waited`);
}

/** A promise, and the function that keeps it. */
export function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
