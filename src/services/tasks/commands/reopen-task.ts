/** `task.update` back to in progress: possible while the period in which the task was done is open. */
import { taskReopenedV1 } from "../../../contracts/tasks/task.reopened.v1.ts";
import type { CommandCtx } from "../../../platform/service.ts";
import { handOut, tellUpdated } from "../assignment.ts";
import { eligible } from "../eligibility-store.ts";
import { type TaskView, viewTask } from "../queries/task-view.ts";
import { type Calendar, register, stamp } from "../registration-store.ts";
import { decideReopen } from "../task.ts";
import { lockTask, saveReopened } from "../task-store.ts";

/**
 * Takes the reward back. The task stays with whoever had finished it, without a new fee; if that popug is no longer
 * eligible it is drawn anew, and charged.
 */
export async function reopenTask(ctx: CommandCtx, taskId: string, calendar: Calendar): Promise<TaskView> {
  const registered = await register(ctx, calendar);
  const popugs = await eligible(ctx);
  const task = await lockTask(ctx, taskId);
  const { finisherId, stays } = decideReopen(task, ctx.actor, registered.period, popugs);
  await saveReopened(ctx, taskId);
  ctx.emit(taskReopenedV1, { taskId, assigneeId: finisherId }, stamp(registered));
  tellUpdated(ctx, { ...task, assigneeId: finisherId, isDone: false }, "reopened", stamp(registered));
  if (!stays) await handOut(ctx, [task], { registered, eligible: popugs, reason: () => "reopened" });
  return await viewTask(ctx.sql, taskId);
}
