import { Type } from "typebox";
import { defineEvent, OneOf, Uuid } from "../../platform/contract.ts";
import { BracketedTitle } from "./jira-id.ts";

/** The first form: the title carries the id of the issue tracker in brackets. No longer written. */
export const taskCreatedV1 = defineEvent({
  type: "task.created",
  source: "tasks",
  kind: "business",
  summary: "A task appeared. Its title may begin with a bracketed id.",
  key: "taskId",
  data: Type.Object({
    taskId: Uuid,
    number: Type.Integer({ minimum: 1 }),
    title: BracketedTitle,
    description: Type.String({ maxLength: 10_000 }),
    status: OneOf(["in_progress", "done"]),
  }),
});
