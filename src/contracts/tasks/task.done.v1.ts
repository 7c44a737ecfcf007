import { Type } from "typebox";
import { defineEvent, Uuid } from "../../platform/contract.ts";

export const taskDoneV1 = defineEvent({
  type: "task.done",
  source: "tasks",
  kind: "business",
  summary: "A popug finished a task.",
  key: "taskId",
  data: Type.Object({ taskId: Uuid, assigneeId: Uuid }),
});
