/** Tasks as the tasks service would tell of them: facts, changes and ends of registration, in periods of one day each. */
import { v7 as uuidv7 } from "uuid";
import type { CompanySettings } from "../../../src/contracts/tasks/company-settings.ts";
import { taskCreatedV2 } from "../../../src/contracts/tasks/task.created.v2.ts";
import { taskRegistrationEndedV1 } from "../../../src/contracts/tasks/task.registration-ended.v1.ts";
import { taskUpdatedV2 } from "../../../src/contracts/tasks/task.updated.v2.ts";
import type { Emit } from "../../../src/platform/service.ts";
import type { Books } from "./books.ts";

const DAY_MS = 24 * 3600 * 1000;
const firstMidnight = Date.UTC(2046, 10, 21, 23);

/** When day n ends (its midnight in Berlin); day 1 is 2046-11-22, so far ahead that its time is not over by itself. */
export const endOf = (day: number) => new Date(firstMidnight + day * DAY_MS);
export const dateOf = (day: number) => new Date(endOf(day).getTime() - DAY_MS / 2).toISOString().slice(0, 10);

export type Change = "assigned" | "done" | "reopened" | "edited" | "cancelled";

/** Speaks for tasks, and knows which period is open. */
export function company(books: Books) {
  let period = 0;
  let tasks = 0;
  let changes = 0;
  // Days run behind periods where some were closed early.
  let day = 0;
  let part = 0;
  let settings: CompanySettings | undefined;
  const titles = new Map<string, string>();
  /** The last assignment of each task. */
  const assignments = new Map<string, { period: number; at: string }>();

  const endRegistration = (emit: Emit, cause: "founding" | "schedule" | "request" = "schedule") => {
    const early = cause === "request";
    const next = { day: early ? day : day + 1, part: early ? part + 1 : 1 };
    const endedAt = early ? new Date(endOf(day).getTime() - DAY_MS / 4 + part) : endOf(day);
    emit(
      taskRegistrationEndedV1,
      {
        period,
        businessDate: period === 0 ? null : dateOf(day),
        part,
        endedAt: endedAt.toISOString(),
        cause,
        lastTaskNumber: tasks,
        next: {
          period: period + 1,
          businessDate: dateOf(next.day),
          part: next.part,
          beginsAt: endedAt.toISOString(),
          endsAt: endOf(next.day).toISOString(),
          ...(settings && { settings }),
        },
      },
      { period },
    );
    period += 1;
    ({ day, part } = next);
  };
  const update = (emit: Emit, taskId: string, assigneeId: string, change: Change, inPeriod = period) => {
    const title = titles.get(taskId) ?? "a task";
    changes += 1;
    const time = new Date(endOf(day).getTime() - DAY_MS / 2 + changes);
    if (change === "assigned") assignments.set(taskId, { period: inPeriod, at: time.toISOString() });
    const cancellation = { reason: "a duplicate", assigned: assignments.get(taskId) ?? null };
    const data = { taskId, title, jiraId: null, assigneeId, isDone: change === "done", change };
    emit(taskUpdatedV2, change === "cancelled" ? { ...data, cancellation } : data, { period: inPeriod, time });
  };
  const create = (emit: Emit, title: string) => {
    const taskId = uuidv7();
    tasks += 1;
    titles.set(taskId, title);
    const data = { taskId, number: tasks, title, jiraId: null, description: "", status: "in_progress" as const };
    emit(taskCreatedV2, data, { period });
    return taskId;
  };
  return {
    period: () => period,
    titles,
    /** From the next period on. */
    set: (to: CompanySettings) => {
      settings = to;
    },
    found: () => books.say((emit) => endRegistration(emit, "founding")),
    end: () => books.say((emit) => endRegistration(emit)),
    endEarly: () => books.say((emit) => endRegistration(emit, "request")),
    /** A task that is drawn for somebody; returns its id. */
    create: async (assigneeId: string, title = `Task ${tasks + 1}`) => {
      let taskId = "";
      await books.say((emit) => {
        taskId = create(emit, title);
        update(emit, taskId, assigneeId, "assigned");
      });
      return taskId;
    },
    change: (taskId: string, assigneeId: string, change: Change, inPeriod?: number) =>
      books.say((emit) => update(emit, taskId, assigneeId, change, inPeriod)),
    update,
    createIn: create,
  };
}

export type Company = ReturnType<typeof company>;

/** A day with something of everything: fees, rewards, a reward taken back, a fee returned, somebody below zero. */
export async function playDay(team: Company, people: readonly string[], tasks = 30): Promise<void> {
  const made: { taskId: string; assignee: string }[] = [];
  for (let i = 0; i < tasks; i++) {
    const assignee = people[i % people.length] as string;
    made.push({ taskId: await team.create(assignee), assignee });
  }
  for (const [i, { taskId, assignee }] of made.entries()) {
    // The first one never finishes anything, and goes below zero.
    if (i % people.length === 0) continue;
    await team.change(taskId, assignee, "done");
    if (i % 7 === 3) {
      await team.change(taskId, assignee, "reopened");
      await team.change(taskId, people[(i + 1) % people.length] as string, "assigned");
      if (i % 2 === 0) await team.change(taskId, people[(i + 1) % people.length] as string, "cancelled");
    }
  }
}
