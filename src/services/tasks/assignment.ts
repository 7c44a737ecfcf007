/** Handing out: the steps draw → save → tell that all assignments share. The caller holds all locks. */
import { randomInt } from "node:crypto";
import { taskAssignedV1 } from "../../contracts/tasks/task.assigned.v1.ts";
import { taskUpdatedV2 } from "../../contracts/tasks/task.updated.v2.ts";
import type { DataOf } from "../../platform/contract.ts";
import type { Received } from "../../platform/event.ts";
import type { Ctx, EmitOptions } from "../../platform/service.ts";
import { draw } from "./draw.ts";
import { type Registered, stamp } from "./registration-store.ts";
import { type DrawnTask, saveAssignees } from "./task-store.ts";

export type Reason = DataOf<typeof taskAssignedV1>["reason"];

export type HandOut = {
  registered: Registered;
  /** Nobody in it: the tasks lose their assignee and wait. */
  eligible: readonly string[];
  reason: (task: DrawnTask) => Reason;
  shuffleId?: string;
  cause?: (task: DrawnTask) => Received | undefined;
};

/** One draw for each of the tasks, all of which are open and locked. Each is charged, whoever it hits. */
export async function handOut(ctx: Ctx, tasks: readonly DrawnTask[], how: HandOut): Promise<void> {
  if (tasks.length === 0) return;
  const moves = tasks.map((task) => ({ ...task, assigneeId: draw(how.eligible, randomInt) ?? null }));
  await saveAssignees(ctx, moves, how.registered);
  for (const [i, task] of tasks.entries()) {
    const cause = how.cause?.(task);
    const assigneeId = moves[i]?.assigneeId ?? null;
    const options = { ...stamp(how.registered), ...(cause && { cause }) };
    if (assigneeId === null) tellUpdated(ctx, { ...task, assigneeId, isDone: false }, "edited", options);
    else
      tellAssigned(
        ctx,
        { ...task, assigneeId },
        { ...how, previous: task.assigneeId, reason: how.reason(task) },
        options,
      );
  }
}

/** `task.assigned`, and behind it what accounting books the fee from. */
export function tellAssigned(
  ctx: Ctx,
  task: DrawnTask & { assigneeId: string },
  draw: { previous: string | null; reason: Reason; shuffleId?: string },
  options: EmitOptions,
): void {
  ctx.emit(
    taskAssignedV1,
    {
      taskId: task.taskId,
      assigneeId: task.assigneeId,
      previousAssigneeId: draw.previous,
      reason: draw.reason,
      shuffleId: draw.shuffleId ?? null,
    },
    options,
  );
  tellUpdated(ctx, { ...task, isDone: false }, "assigned", options);
}

/** `task.updated`: the state after a change, behind the fact of the change. */
export function tellUpdated(
  ctx: Ctx,
  task: DrawnTask & { isDone: boolean },
  change: DataOf<typeof taskUpdatedV2>["change"],
  options: EmitOptions,
  more: Pick<DataOf<typeof taskUpdatedV2>, "cancellation"> = {},
): void {
  const { taskId, title, jiraId, assigneeId, isDone } = task;
  ctx.emit(taskUpdatedV2, { taskId, title, jiraId, assigneeId, isDone, change, ...more }, options);
}
