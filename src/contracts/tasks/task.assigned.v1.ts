import { Type } from "typebox";
import { defineEvent, Nullable, OneOf, Uuid } from "../../platform/contract.ts";

export const taskAssignedV1 = defineEvent({
  type: "task.assigned",
  source: "tasks",
  kind: "business",
  summary: "The draw gave a task to a popug. Every draw is an assignment, also when it hits the same popug again.",
  key: "taskId",
  data: Type.Object({
    taskId: Uuid,
    assigneeId: Uuid,
    previousAssigneeId: Nullable(Uuid),
    reason: OneOf(["created", "waiting", "shuffled", "user-changed", "reopened"]),
    shuffleId: Nullable(Uuid),
  }),
});
