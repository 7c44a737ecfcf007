/** A task as screens and scripts see it. */
import { Type, type Static } from "typebox";
import { Nullable, OneOf, Timestamp, Uuid } from "../../../platform/contract.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { Sql } from "../../../platform/service.ts";

export const TaskView = Type.Object({
  id: Uuid,
  number: Type.Integer({ minimum: 1, description: "for people; commands take the id" }),
  title: Type.String(),
  jiraId: Nullable(Type.String()),
  description: Type.String(),
  status: OneOf(["in_progress", "done", "cancelled"]),
  assigneeId: Nullable(Uuid),
  assigneeName: Nullable(Type.String()),
  assignedAt: Nullable(Timestamp),
  createdBy: Uuid,
  createdAt: Timestamp,
  doneAt: Nullable(Timestamp),
  cancelledAt: Nullable(Timestamp),
  cancelledByName: Nullable(Type.String()),
  cancelReason: Nullable(Type.String()),
  reopenable: Type.Boolean({ description: "done, and the period in which it was done is open" }),
  version: Type.Integer({ minimum: 1 }),
});
export type TaskView = Static<typeof TaskView>;

/** A row of `viewColumns`, from `task`. */
export type TaskRow = Omit<TaskView, "assignedAt" | "createdAt" | "doneAt" | "cancelledAt"> & {
  assignedAt: Date | null;
  createdAt: Date;
  doneAt: Date | null;
  cancelledAt: Date | null;
};

export const viewColumns = `task_id as id, number, title, jira_id as "jiraId", description, status,
  assignee_id as "assigneeId", (select name from person where user_id = assignee_id) as "assigneeName",
  assigned_at as "assignedAt", created_by as "createdBy", created_at as "createdAt", done_at as "doneAt",
  cancelled_at as "cancelledAt", (select name from person where user_id = cancelled_by) as "cancelledByName",
  cancel_reason as "cancelReason",
  done_period is not null and done_period = (select period from registration) as reopenable, version`;

/** A row as the API shows it: instants as ISO 8601. */
export function showTask(row: TaskRow): TaskView {
  return {
    ...row,
    assignedAt: row.assignedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    doneAt: row.doneAt?.toISOString() ?? null,
    cancelledAt: row.cancelledAt?.toISOString() ?? null,
  };
}

/** One task; refused when there is none. */
export async function viewTask(sql: Sql, taskId: string): Promise<TaskView> {
  const [row] = await sql<TaskRow>(`select ${viewColumns} from task where task_id = $1`, [taskId]);
  if (row === undefined) throw new Refusal("not-found", "task-not-found", "There is no such task.");
  return showTask(row);
}
