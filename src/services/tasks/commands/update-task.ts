/** `task.update`: title and description. The assignee is output: only a draw moves a task. */
import type { CommandCtx } from "../../../platform/service.ts";
import { tellUpdated } from "../assignment.ts";
import { type TaskView, viewTask } from "../queries/task-view.ts";
import { type Calendar, register, stamp } from "../registration-store.ts";
import { decideEdit } from "../task.ts";
import { lockTask, saveTexts } from "../task-store.ts";

/** Changes what is given; when that changes nothing, nothing is emitted. */
export async function updateTask(
  ctx: CommandCtx,
  taskId: string,
  wish: { title?: string; description?: string },
  calendar: Calendar,
): Promise<TaskView> {
  const registered = await register(ctx, calendar);
  const task = await lockTask(ctx, taskId);
  const texts = decideEdit(task, ctx.actor, wish);
  if (texts !== null) {
    await saveTexts(ctx, taskId, texts);
    tellUpdated(ctx, { ...task, ...texts, isDone: task.status === "done" }, "edited", stamp(registered));
  }
  return await viewTask(ctx.sql, taskId);
}
