import { Type } from "typebox";
import { defineEvent, Uuid } from "../../platform/contract.ts";

export const taskReopenedV1 = defineEvent({
  type: "task.reopened",
  source: "tasks",
  kind: "business",
  summary: "A finished task was taken back while the period in which it was done is still open.",
  key: "taskId",
  data: Type.Object({ taskId: Uuid, assigneeId: Uuid }),
});
