import type { Static } from "typebox";
import type { Sql } from "../../../platform/service.ts";
import { findPresent, type Present } from "../day-store.ts";
import type { TopTaskOfSpan } from "../shapes.ts";
import { type Span, spanAround } from "../span.ts";
import { findTopTask, sumCompletions } from "../top-task-store.ts";

/**
 * The finished task with the highest reward in the day, ISO week or month of a business day, and beside it how many were
 * finished. A task that was reopened does not count until it is finished again.
 */
export async function getTopTask(
  sql: Sql,
  asked: { span: Span; day: string | undefined },
  before: Present,
): Promise<Static<typeof TopTaskOfSpan>> {
  const { today, currency } = await findPresent(sql, before);
  const day = asked.day ?? today;
  const { from, to } = spanAround(asked.span, day);
  const task = await findTopTask(sql, from, to);
  const total = await sumCompletions(sql, from, to);
  return {
    span: asked.span,
    from,
    to,
    task: task ? { ...task, completedAt: task.completedAt.toISOString() } : null,
    doneCount: total.count,
    totalMinor: total.rewardsMinor,
    currency,
  };
}
