/** `task.create`: a task appears and goes at once to somebody drawn among the eligible; if there is nobody, it waits. */
import { randomInt } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { taskCreatedV2 } from "../../../contracts/tasks/task.created.v2.ts";
import type { CommandCtx } from "../../../platform/service.ts";
import { tellAssigned } from "../assignment.ts";
import { draw } from "../draw.ts";
import { eligible } from "../eligibility-store.ts";
import { type TaskView, viewTask } from "../queries/task-view.ts";
import { type Calendar, register, stamp } from "../registration-store.ts";
import { type Draft, draftOrRefuse } from "../task.ts";
import { insertTasks } from "../task-store.ts";

/** `task.create`: one task, drawn at once, or waiting when nobody is eligible. Refuses an empty or too long title. */
export async function createTask(
  ctx: CommandCtx,
  wish: { title: string; description?: string },
  calendar: Calendar,
): Promise<TaskView> {
  const draft = draftOrRefuse(wish.title, wish.description ?? "");
  const [taskId] = await addTasks(ctx, [draft], calendar);
  return await viewTask(ctx.sql, taskId as string);
}

/** Adds tasks, each with a draw of its own. @returns their ids, in the given order */
export async function addTasks(ctx: CommandCtx, drafts: readonly Draft[], calendar: Calendar): Promise<string[]> {
  const registered = await register(ctx, calendar);
  const popugs = await eligible(ctx);
  const tasks = drafts.map((draft) => ({ ...draft, taskId: uuidv7(), assigneeId: draw(popugs, randomInt) ?? null }));
  const numbers = await insertTasks(ctx, tasks, { createdBy: ctx.actor.userId, ...registered });
  for (const [i, { assigneeId, ...task }] of tasks.entries()) {
    ctx.emit(taskCreatedV2, { ...task, number: numbers[i] as number, status: "in_progress" }, stamp(registered));
    if (assigneeId !== null)
      tellAssigned(ctx, { ...task, assigneeId }, { previous: null, reason: "created" }, stamp(registered));
  }
  return tasks.map((task) => task.taskId);
}
