/** `task.update` to cancelled: a manager or admin takes a wrong or duplicate task out of the draw; the fee comes back. */
import { taskCancelledV1 } from "../../../contracts/tasks/task.cancelled.v1.ts";
import type { CommandCtx } from "../../../platform/service.ts";
import { tellUpdated } from "../assignment.ts";
import { type TaskView, viewTask } from "../queries/task-view.ts";
import { type Calendar, register, stamp } from "../registration-store.ts";
import { decideCancel } from "../task.ts";
import { lockTask, saveCancelled } from "../task-store.ts";

/** Only the present assignment is given back: those who lost the task to another draw before have paid for theirs. */
export async function cancelTask(
  ctx: CommandCtx,
  taskId: string,
  reason: string,
  calendar: Calendar,
): Promise<TaskView> {
  const registered = await register(ctx, calendar);
  const task = await lockTask(ctx, taskId);
  const assigned = decideCancel(task);
  await saveCancelled(ctx, taskId, { by: ctx.actor.userId, reason, now: registered.now });
  ctx.emit(taskCancelledV1, { taskId, assigneeId: task.assigneeId, reason }, stamp(registered));
  const cancellation = { reason, assigned };
  tellUpdated(ctx, { ...task, isDone: false }, "cancelled", stamp(registered), { cancellation });
  return await viewTask(ctx.sql, taskId);
}
