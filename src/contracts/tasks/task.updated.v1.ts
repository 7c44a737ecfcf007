import { Type } from "typebox";
import { defineEvent, Nullable, OneOf, Uuid } from "../../platform/contract.ts";

/**
 * What accounting books, and from this event alone. Emitted behind the fact of each change, in its transaction:
 * - `assigned`: a fee for `assigneeId`;
 * - `done`: a reward for `assigneeId`;
 * - `reopened`: takes the reward of `assigneeId` (who had finished it) back; a new draw follows as `assigned`;
 * - `edited`: no money. Title or description changed, or an open task lost its assignee and waits (`assigneeId` null).
 */
export const taskUpdatedV1 = defineEvent({
  type: "task.updated",
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
    change: OneOf(["assigned", "done", "reopened", "edited"]),
  }),
});
