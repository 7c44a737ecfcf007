import { Type } from "typebox";
import { defineEvent, Nullable, OneOf, Uuid } from "../../platform/contract.ts";
import { JiraId, joinTitle, splitOldTitle } from "./jira-id.ts";
import { taskCreatedV1 } from "./task.created.v1.ts";

export const taskCreatedV2 = defineEvent({
  type: "task.created",
  version: 2,
  source: "tasks",
  kind: "business",
  summary: "A task appeared. The id of the issue tracker stands in a field of its own.",
  key: "taskId",
  data: Type.Object({
    taskId: Uuid,
    number: Type.Integer({ minimum: 1 }),
    title: Type.String({ maxLength: 500, pattern: "\\S" }),
    jiraId: Nullable(JiraId),
    description: Type.String({ maxLength: 10_000 }),
    status: OneOf(["in_progress", "done"]),
  }),
  previous: {
    contract: taskCreatedV1,
    up: (older) => ({ ...older, ...splitOldTitle(older.title) }),
    down: ({ jiraId, title, ...rest }) => ({ ...rest, title: joinTitle({ jiraId, title }) }),
  },
});
