/**
 * Puts right what a change among the people has put wrong: open tasks of those who are no longer eligible are drawn anew,
 * tasks that wait are drawn as soon as there is somebody. A task for which nobody is left waits.
 */
import type { Received } from "../../platform/event.ts";
import type { Ctx } from "../../platform/service.ts";
import { handOut } from "./assignment.ts";
import { eligible } from "./eligibility-store.ts";
import type { Registered } from "./registration-store.ts";
import { lockMisplacedTasks } from "./task-store.ts";

/** Tasks in one transaction; the job `hand-out` does what is left. */
const CHUNK = 2_000;

/**
 * Draws up to one chunk. The transaction has joined the period and holds the exclusive lock of eligibility.
 * @param causeOf the event behind the reassignment of somebody's task (null: of a waiting one)
 * @returns how many tasks were moved
 */
export async function handOutMisplaced(
  ctx: Ctx,
  registered: Registered,
  causeOf?: (assigneeId: string | null) => Received | undefined,
): Promise<number> {
  const tasks = await lockMisplacedTasks(ctx, CHUNK);
  if (tasks.length === 0) return 0;
  await handOut(ctx, tasks, {
    registered,
    eligible: await eligible(ctx),
    reason: (task) => (task.assigneeId === null ? "waiting" : "user-changed"),
    ...(causeOf && { cause: (task) => causeOf(task.assigneeId) }),
  });
  return tasks.length;
}
