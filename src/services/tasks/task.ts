/** Rules of tasks. Pure: a state and a wish go in, what is to be saved comes out, or a refusal. */
import { splitTitle } from "../../contracts/tasks/jira-id.ts";
import { type FieldProblem, Refusal } from "../../platform/refusal.ts";
import type { Actor } from "../../platform/service.ts";

export type Status = "in_progress" | "done" | "cancelled";

/** What the rules have to know of a task. */
export type Task = {
  taskId: string;
  number: number;
  title: string;
  jiraId: string | null;
  description: string;
  status: Status;
  /** Null: nobody could be drawn, the task waits. */
  assigneeId: string | null;
  createdBy: string;
  /** When it was assigned to whom has it (business time), and in which period; null: it waits. */
  assignedAt: Date | null;
  assignedPeriod: number | null;
  /** The period in which it was done; null while it is open. */
  donePeriod: number | null;
};

/** A task's texts, checked. */
export type Draft = Pick<Task, "title" | "jiraId" | "description">;

export const MAX_TITLE = 500;
export const MAX_JIRA_ID = 60;
export const MAX_DESCRIPTION = 10_000;

/** Splits and checks the texts of a new task. @returns the draft, or what is wrong with it, field by field */
export function readDraft(title: string, description: string): Draft | FieldProblem[] {
  const parts = splitTitle(title.toWellFormed().replaceAll(/\s+/g, " "));
  const text = description.toWellFormed();
  const problems = [...titleProblems(parts), ...descriptionProblems(text)];
  return problems.length > 0 ? problems : { ...parts, description: text };
}

function titleProblems({ title, jiraId }: Pick<Task, "title" | "jiraId">): FieldProblem[] {
  const problem = (message: string): FieldProblem[] => [{ path: "/title", message }];
  if (title === "") return problem("must not be empty");
  if (title.length > MAX_TITLE) return problem(`must not be longer than ${MAX_TITLE} characters`);
  if (jiraId !== null && jiraId.length > MAX_JIRA_ID) return problem(`must not begin with so long an id in brackets`);
  // The one character that PostgreSQL cannot store.
  return title.includes("\0") ? problem("must not contain the character NUL") : [];
}

function descriptionProblems(text: string): FieldProblem[] {
  const problem = (message: string): FieldProblem[] => [{ path: "/description", message }];
  if (text.length > MAX_DESCRIPTION) return problem(`must not be longer than ${MAX_DESCRIPTION} characters`);
  return text.includes("\0") ? problem("must not contain the character NUL") : [];
}

/** The draft, or a refusal that names the fields. */
export function draftOrRefuse(title: string, description: string): Draft {
  const draft = readDraft(title, description);
  if (!Array.isArray(draft)) return draft;
  throw new Refusal("invalid", "bad-task", "This cannot be the text of a task.", { fields: draft });
}

const isAdmin = (actor: Actor) => actor.roles.includes("admin");

/**
 * Only the assignee or an admin marks a task done, once.
 * @returns whose work it is: the reward goes to the assignee, also when an admin pressed the button
 */
export function decideDone(task: Task, actor: Actor): { assigneeId: string } {
  if (task.assigneeId !== actor.userId && !isAdmin(actor)) {
    throw new Refusal("forbidden", "not-your-task", "The task is assigned to somebody else.");
  }
  if (task.status === "done") throw new Refusal("conflict", "task-already-done", "The task is already done.");
  if (task.status === "cancelled") throw cancelled();
  if (task.assigneeId === null) {
    throw new Refusal("conflict", "task-waits", "The task waits for somebody to whom it can be assigned.");
  }
  return { assigneeId: task.assigneeId };
}

const cancelled = () => new Refusal("conflict", "task-cancelled", "The task was cancelled.");

/**
 * A wrong or duplicate task leaves the draw, while it is open.
 * @returns what accounting has to know: whose fee comes back, and for which assignment; null: the task was waiting
 */
export function decideCancel(task: Task): { period: number; at: string } | null {
  if (task.status === "cancelled") throw cancelled();
  if (task.status === "done") {
    throw new Refusal(
      "conflict",
      "task-already-done",
      "The task is done: it can only be taken back, or its entry corrected.",
    );
  }
  const { assignedPeriod: period, assignedAt: at } = task;
  return period === null || at === null ? null : { period, at: at.toISOString() };
}

/**
 * Whoever finished a task, or an admin, takes it back while the period in which it was done is open.
 * @returns who had finished it, and whether the task stays there: one who is no longer eligible loses it to a new draw
 */
export function decideReopen(
  task: Task,
  actor: Actor,
  openPeriod: number,
  eligible: readonly string[],
): { finisherId: string; stays: boolean } {
  if (task.assigneeId !== actor.userId && !isAdmin(actor)) {
    throw new Refusal("forbidden", "not-your-task", "The task was done by somebody else.");
  }
  if (task.status !== "done" || task.assigneeId === null) {
    throw new Refusal("conflict", "task-not-done", "The task is not done.");
  }
  if (task.donePeriod !== openPeriod) {
    throw new Refusal(
      "conflict",
      "period-ended",
      "The period in which the task was done has ended: its reward stands.",
    );
  }
  return { finisherId: task.assigneeId, stays: eligible.includes(task.assigneeId) };
}

/**
 * Texts are changed by whoever created the task or holds it, by managers and admins; of finished tasks too. A title without
 * an id in brackets leaves the id as it is.
 * @returns the new texts, or null when nothing would change
 */
export function decideEdit(task: Task, actor: Actor, wish: { title?: string; description?: string }): Draft | null {
  const own = task.createdBy === actor.userId || task.assigneeId === actor.userId;
  if (!own && !actor.roles.some((role) => role === "manager" || role === "admin")) {
    throw new Refusal("forbidden", "not-your-task", "The task was neither created by you nor is it yours.");
  }
  const read = draftOrRefuse(wish.title ?? task.title, wish.description ?? task.description);
  const draft = wish.title === undefined ? { ...read, title: task.title, jiraId: task.jiraId } : read;
  const edited = { ...draft, jiraId: draft.jiraId ?? task.jiraId };
  const same = edited.title === task.title && edited.jiraId === task.jiraId && edited.description === task.description;
  return same ? null : edited;
}
