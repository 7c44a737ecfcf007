import { Type } from "typebox";
import { defineEvent, Nullable, Uuid } from "../../platform/contract.ts";
import { CancelReason } from "./task.updated.v2.ts";

export const taskCancelledV1 = defineEvent({
  type: "task.cancelled",
  source: "tasks",
  kind: "business",
  summary: "An open task was wrong or a duplicate: it leaves the draw, and its assignee gets the fee back.",
  key: "taskId",
  data: Type.Object({
    taskId: Uuid,
    /** Who had it; null: it was waiting. */
    assigneeId: Nullable(Uuid),
    reason: CancelReason,
  }),
});
