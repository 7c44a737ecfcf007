/** Lists of tasks, newest first. */
import { Type, type Static } from "typebox";
import { OneOf, Uuid } from "../../../platform/contract.ts";
import { page, pageParameters, readCursor } from "../../../platform/http/paging.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { QueryCtx } from "../../../platform/service.ts";
import { showTask, type TaskRow, viewColumns } from "./task-view.ts";

const status = Type.Optional(OneOf(["in_progress", "done", "cancelled"]));

/** What a list can be narrowed down to. */
export const listFilter = {
  status,
  assigneeId: Type.Optional(Uuid),
  waiting: Type.Optional(Type.Boolean({ description: "true: only tasks that wait for somebody to be assigned to" })),
  q: Type.Optional(Type.String({ maxLength: 200, description: "part of the title or the jiraId, or the number" })),
};
type ListFilter = Static<ReturnType<typeof Type.Object<typeof listFilter>>>;

export const TaskFilter = Type.Object({
  ...pageParameters,
  ...listFilter,
  from: Type.Optional({ ...Uuid, description: "only this task and older ones: see listTaskPages" }),
  until: Type.Optional({ ...Uuid, description: "only tasks newer than this one" }),
});
export type TaskFilter = Static<typeof TaskFilter>;

export const MyTaskFilter = Type.Object({ ...pageParameters, status });

/** A page of tasks, newest first unless asked otherwise, filtered as asked. */
export async function listTasks(ctx: Pick<QueryCtx, "sql">, filter: TaskFilter) {
  const limit = filter.limit ?? 50;
  const params: unknown[] = [limit + 1];
  const where = conditionsOf(filter, params);
  const given = (value: unknown) => `$${params.push(value)}`;
  const cursor = readTaskCursor(filter.cursor);
  if (cursor !== undefined) where.push(`task_id < ${given(cursor)}::uuid`);
  if (filter.from !== undefined) where.push(`task_id <= ${given(filter.from)}::uuid`);
  if (filter.until !== undefined) where.push(`task_id > ${given(filter.until)}::uuid`);
  const rows = await ctx.sql<TaskRow>(
    `select ${viewColumns} from task where ${where.join(" and ")} order by task_id desc limit $1`,
    params,
  );
  return page(rows, limit, (row) => [row.id], showTask);
}

/** The conditions of a filter in SQL; their values are added to `params`. */
export function conditionsOf(filter: ListFilter, params: unknown[]): string[] {
  const given = (value: unknown) => `$${params.push(value)}`;
  const where = ["true"];
  if (filter.status !== undefined) where.push(`status = '${filter.status}'`);
  if (filter.assigneeId !== undefined) where.push(`assignee_id = ${given(filter.assigneeId)}::uuid`);
  if (filter.waiting === true) where.push("assignee_id is null and status = 'in_progress'");
  const text = filter.q?.toWellFormed().replaceAll("\0", "").trim();
  if (text) where.push(matches(text, given));
  return where;
}

/** Title or jiraId contain the text (case does not matter), or it is the number: `42` and `#42`. */
function matches(text: string, given: (value: unknown) => string): string {
  const pattern = given(`%${text.replaceAll(/[\\%_]/g, "\\$&")}%`);
  const number = /^#?(\d{1,15})$/.exec(text)?.[1];
  const byNumber = number === undefined ? "" : ` or number = ${given(Number(number))}`;
  return `(title ilike ${pattern} or jira_id ilike ${pattern}${byNumber})`;
}

function readTaskCursor(cursor: string | undefined): string | undefined {
  const [taskId] = readCursor(cursor) ?? [];
  if (
    taskId === undefined ||
    (typeof taskId === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(taskId))
  )
    return taskId;
  throw new Refusal("invalid", "bad-cursor", "The cursor is not one that this list has given out.");
}
