import { Type } from "typebox";
import { defineEvent, Nullable, OneOf, Timestamp, Uuid } from "../../platform/contract.ts";
import { taskUpdatedV1 } from "./task.updated.v1.ts";

/** Why a task was cancelled, in somebody's words. */
export const CancelReason = Type.String({ minLength: 3, maxLength: 500 });

/**
 * What accounting books, and from this event alone. Emitted behind the fact of each change, in its transaction:
 * - `assigned`: a fee for `assigneeId`;
 * - `done`: a reward for `assigneeId`;
 * - `reopened`: takes the reward of `assigneeId` (who had finished it) back; a new draw follows as `assigned`;
 * - `cancelled`: gives the fee of `assigneeId` for the present assignment back (of a task that waited: no money);
 * - `edited`: no money. Title or description changed, or an open task lost its assignee and waits (`assigneeId` null).
 *
 * A reader of version 1 knows no `cancelled` and gets `edited`: it would keep the fee.
 */
export const taskUpdatedV2 = defineEvent({
  type: "task.updated",
  version: 2,
  source: "tasks",
  kind: "business",
  summary: "The state of a task after a change, and which change it was.",
  key: "taskId",
  data: Type.Object({
    taskId: Uuid,
    title: Type.String({ minLength: 1, maxLength: 500 }),
    jiraId: Nullable(Type.String({ maxLength: 60 })),
    assigneeId: Nullable(Uuid),
    isDone: Type.Boolean(),
    change: OneOf(["assigned", "done", "reopened", "edited", "cancelled"]),
    /** With `cancelled` only. */
    cancellation: Type.Optional(
      Type.Object({
        reason: CancelReason,
        /** The assignment whose fee comes back: its period and business time. Null: the task was waiting. */
        assigned: Nullable(Type.Object({ period: Type.Integer({ minimum: 1 }), at: Timestamp })),
      }),
    ),
  }),
  previous: {
    contract: taskUpdatedV1,
    up: (older) => older,
    down: ({ cancellation: _, change, ...rest }) => ({
      ...rest,
      change: change === "cancelled" ? ("edited" as const) : change,
    }),
  },
});
