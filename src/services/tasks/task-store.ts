/** SQL of tasks: one function per question. All of it inside the caller's transaction, set-based. */
import { Refusal } from "../../platform/refusal.ts";
import type { Ctx } from "../../platform/service.ts";
import type { Draft, Task } from "./task.ts";

const taskColumns = `task_id as "taskId", number, title, jira_id as "jiraId", description, status,
  assignee_id as "assigneeId", created_by as "createdBy", assigned_at as "assignedAt", assigned_period as "assignedPeriod",
  done_period as "donePeriod"`;

/** A task that appears: its id is made beforehand, in order. */
export type NewTask = Draft & { taskId: string; assigneeId: string | null };

/** Adds tasks in the given order. @returns their numbers, in the same order */
export async function insertTasks(
  ctx: Ctx,
  tasks: readonly NewTask[],
  by: { createdBy: string; now: Date; period: number },
): Promise<number[]> {
  const rows = await ctx.sql<{ number: number }>(
    `with added as (
       insert into task (task_id, title, jira_id, description, assignee_id, assigned_at, assigned_period, created_by,
                         created_at)
       select task_id, title, jira_id, description, assignee_id, case when assignee_id is not null then $7::timestamptz end,
              case when assignee_id is not null then $8::bigint end, $6::uuid, $7
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[])
                with ordinality as t (task_id, title, jira_id, description, assignee_id, line)
        order by line
       returning number
     )
     select number from added order by number`,
    [
      tasks.map((t) => t.taskId),
      tasks.map((t) => t.title),
      tasks.map((t) => t.jiraId),
      tasks.map((t) => t.description),
      tasks.map((t) => t.assigneeId),
      by.createdBy,
      by.now,
      by.period,
    ],
  );
  return rows.map((row) => row.number);
}

/** A task, held until the end of the transaction. Refused when there is none. */
export async function lockTask(ctx: Ctx, taskId: string): Promise<Task> {
  const [task] = await ctx.sql<Task>(`select ${taskColumns} from task where task_id = $1 for update`, [taskId]);
  if (task === undefined) throw new Refusal("not-found", "task-not-found", "There is no such task.");
  return task;
}

/** The task is done; `period` is the one in which it may still be reopened. Its row is locked by the caller. */
export async function saveDone(ctx: Ctx, taskId: string, at: { period: number; now: Date }): Promise<void> {
  await ctx.sql(
    `update task set status = 'done', done_at = $2, done_period = $3, version = version + 1 where task_id = $1`,
    [taskId, at.now, at.period],
  );
}

/** The task is in progress again, with the assignee it had. Its row is locked by the caller. */
export async function saveReopened(ctx: Ctx, taskId: string): Promise<void> {
  await ctx.sql(
    `update task set status = 'in_progress', done_at = null, done_period = null, version = version + 1 where task_id = $1`,
    [taskId],
  );
}

/** The task is cancelled, and keeps the assignee it had. Its row is locked by the caller. */
export async function saveCancelled(
  ctx: Ctx,
  taskId: string,
  how: { by: string; reason: string; now: Date },
): Promise<void> {
  await ctx.sql(
    `update task set status = 'cancelled', cancelled_at = $2, cancelled_by = $3, cancel_reason = $4, version = version + 1
      where task_id = $1`,
    [taskId, how.now, how.by, how.reason],
  );
}

/** New title, id and description. The row is locked by the caller. */
export async function saveTexts(ctx: Ctx, taskId: string, texts: Draft): Promise<void> {
  await ctx.sql(
    `update task set title = $2, jira_id = $3, description = $4, version = version + 1 where task_id = $1`,
    [taskId, texts.title, texts.jiraId, texts.description],
  );
}

/** Gives each task to its new assignee (null: to nobody, it waits). The rows are locked already. */
export async function saveAssignees(
  ctx: Ctx,
  moves: readonly { taskId: string; assigneeId: string | null }[],
  at: { now: Date; period: number },
): Promise<void> {
  await ctx.sql(
    `update task set assignee_id = m.assignee_id, assigned_at = case when m.assignee_id is not null then $3::timestamptz end,
                     assigned_period = case when m.assignee_id is not null then $4::bigint end, version = version + 1
       from unnest($1::uuid[], $2::uuid[]) as m (task_id, assignee_id)
      where task.task_id = m.task_id`,
    [moves.map((m) => m.taskId), moves.map((m) => m.assigneeId), at.now, at.period],
  );
}

/** What a draw has to know of a task. */
export type DrawnTask = Pick<Task, "taskId" | "title" | "jiraId" | "assigneeId">;

/** The next open tasks behind `after` and up to `last`, in the order of their ids, locked. Those done meanwhile are not among them. */
export async function lockOpenTasks(
  ctx: Ctx,
  range: { after: string | null; last: string | null; limit: number },
): Promise<DrawnTask[]> {
  return await ctx.sql<DrawnTask>(
    `select task_id as "taskId", title, jira_id as "jiraId", assignee_id as "assigneeId"
       from task
      where status = 'in_progress' and task_id <= $2
        and task_id > coalesce($1, '00000000-0000-0000-0000-000000000000'::uuid)
      order by task_id limit $3 for update`,
    [range.after, range.last, range.limit],
  );
}

/** Ids of open tasks in the wrong hands: with somebody who may not hold them (any more), or with nobody while somebody can be drawn. */
const misplaced = `
  select task_id from task
   where assignee_id is null and status = 'in_progress' and exists (select from drawn_person)
  union all
  select held.task_id from person join task held on held.assignee_id = person.user_id and held.status = 'in_progress'
   where not exists (select from holding_person h where h.user_id = person.user_id)`;

/**
 * Open tasks in the wrong hands, locked, in the order of their ids. For holders of the exclusive lock of eligibility. The
 * ids are found once, as an array: a statement planned for a few tasks is kept, and would look for each among all others.
 */
export async function lockMisplacedTasks(ctx: Ctx, limit: number): Promise<DrawnTask[]> {
  return await ctx.sql<DrawnTask>(
    `select task_id as "taskId", title, jira_id as "jiraId", assignee_id as "assigneeId"
       from task where status = 'in_progress' and task_id = any (array(${misplaced}))
      order by task_id limit $1 for update`,
    [limit],
  );
}

/**
 * Whether `lockMisplacedTasks` would find any. Takes no lock: worth a look only, and a cheap one. The limit makes the
 * planner probe the index once for each popug who is not eligible, instead of reading all open tasks.
 */
export async function hasMisplacedTasks(sql: Ctx["sql"]): Promise<boolean> {
  const [row] = await sql<{ found: boolean }>(
    `select exists (select from task where assignee_id is null and status = 'in_progress')
              and exists (select from drawn_person)
         or exists (
              select from person,
                     lateral (select from task where assignee_id = user_id and status = 'in_progress' limit 1) as held
               where not exists (select from holding_person h where h.user_id = person.user_id)) as found`,
  );
  return row?.found ?? false;
}
