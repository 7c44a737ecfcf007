/** `task.update` to done: the assignee (or an admin) finishes a task, once; a second "done" is refused and pays nothing. */
import { taskDoneV1 } from "../../../contracts/tasks/task.done.v1.ts";
import type { CommandCtx } from "../../../platform/service.ts";
import { tellUpdated } from "../assignment.ts";
import { type TaskView, viewTask } from "../queries/task-view.ts";
import { type Calendar, register, stamp } from "../registration-store.ts";
import { decideDone } from "../task.ts";
import { lockTask, saveDone } from "../task-store.ts";

export async function completeTask(ctx: CommandCtx, taskId: string, calendar: Calendar): Promise<TaskView> {
  const registered = await register(ctx, calendar);
  const task = await lockTask(ctx, taskId);
  const { assigneeId } = decideDone(task, ctx.actor);
  await saveDone(ctx, taskId, registered);
  ctx.emit(taskDoneV1, { taskId, assigneeId }, stamp(registered));
  tellUpdated(ctx, { ...task, isDone: true }, "done", stamp(registered));
  return await viewTask(ctx.sql, taskId);
}
