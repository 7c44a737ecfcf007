/**
 * SQL of the tasks that people are to be mailed of, and of the mails that gather them. Whoever adds a task and whoever writes the
 * mail hold the row of the reader's choice meanwhile: so a task is in the mail that is written, or finds it gone and begins another.
 */
import type { Sql } from "../../platform/service.ts";
import { type AssignedTask, GATHER_MINUTES } from "./assigned-tasks.ts";

/** Whether nobody wants to be mailed of tasks, and none is left to be told or taken back. */
export async function nobodyIsTold(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ nobody: boolean }>(
    `select not exists (select from mail_choice where kind = 'assignments' and wanted)
            and not exists (select from assigned_task) as nobody`,
  );
  return row?.nobody === true;
}

/** Those of them who want it and can be reached, and since when; held until the transaction ends. */
export async function holdReaders(sql: Sql, userIds: readonly string[]): Promise<Map<string, Date>> {
  if (userIds.length === 0) return new Map();
  const rows = await sql<{ userId: string; since: Date }>(
    `select c.user_id as "userId", c.chosen_at as since
       from mail_choice c join person p on p.user_id = c.user_id and p.active and p.email <> ''
      where c.kind = 'assignments' and c.wanted and c.user_id = any ($1::uuid[])
      order by c.user_id for update of c`,
    [userIds],
  );
  return new Map(rows.map(({ userId, since }) => [userId, since]));
}

/** Keeps tasks to be told; one that is there already is somebody's anew, and not told yet. */
export async function keepAssigned(sql: Sql, tasks: readonly AssignedTask[]): Promise<void> {
  if (tasks.length === 0) return;
  await sql(
    `insert into assigned_task (task_id, user_id, title, jira_id, assigned_at)
     select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[])
         as t (task_id, user_id, title, jira_id, assigned_at) order by task_id
     on conflict (task_id) do update set user_id = excluded.user_id, title = excluded.title, jira_id = excluded.jira_id,
                                         assigned_at = excluded.assigned_at, mail_id = null`,
    [
      tasks.map((task) => task.taskId),
      tasks.map((task) => task.userId),
      tasks.map((task) => task.title),
      tasks.map((task) => task.jiraId),
      tasks.map((task) => task.at),
    ],
  );
}

/** Other titles of tasks that are still to be told. */
export async function rename(
  sql: Sql,
  tasks: readonly Pick<AssignedTask, "taskId" | "title" | "jiraId">[],
): Promise<void> {
  if (tasks.length === 0) return;
  await sql(
    `update assigned_task t set title = n.title, jira_id = n.jira_id
       from unnest($1::uuid[], $2::text[], $3::text[]) as n (task_id, title, jira_id) where t.task_id = n.task_id`,
    [tasks.map((task) => task.taskId), tasks.map((task) => task.title), tasks.map((task) => task.jiraId)],
  );
}

/** These tasks are not to be told any more. */
export async function forgetTasks(sql: Sql, taskIds: readonly string[]): Promise<void> {
  if (taskIds.length === 0) return;
  await sql("delete from assigned_task where task_id = any ($1::uuid[])", [taskIds]);
}

/** These people are not to be told of tasks. */
export async function forgetTasksOf(sql: Sql, userIds: readonly string[]): Promise<void> {
  await sql("delete from assigned_task where user_id = any ($1::uuid[])", [userIds]);
}

/** What this mail tells is told. */
export async function forgetTold(sql: Sql, mailId: string): Promise<void> {
  await sql("delete from assigned_task where mail_id = $1", [mailId]);
}

/**
 * Begins a mail for each reader (who is held) for whom none gathers; it is due in {@link GATHER_MINUTES} of real time. Its key
 * is the event that began it, so no event ever begins two.
 */
export async function beginMails(
  sql: Sql,
  readers: ReadonlyMap<string, Pick<AssignedTask, "eventId">>,
  now: Date,
): Promise<void> {
  if (readers.size === 0) return;
  await sql(
    `insert into mail (key, kind, to_user, created_at, next_attempt_at)
     select 'assignments:' || event_id || ':' || user_id, 'assignments', user_id, $3,
            clock_timestamp() + make_interval(mins => $4)
       from unnest($1::uuid[], $2::uuid[]) as r (user_id, event_id)
      where not exists (select from mail m
                         where m.to_user = r.user_id and m.kind = 'assignments' and m.status = 'queued')
     on conflict (key) do nothing`,
    [[...readers.keys()], [...readers.values()].map(({ eventId }) => eventId), now, GATHER_MINUTES],
  );
}

/** What such a mail says: how many tasks, and the first of them. */
export type AssignmentsData = {
  count: number;
  tasks: { title: string; jiraId: string | null; assignedAt: string }[];
};

/** How many tasks a mail names. */
const MAX_NAMED = 10;

/**
 * Writes claimed mails: each tells what its reader has still to be told at this moment. One that has nothing to tell any more
 * goes without a trace. Returns what each of the others says, by its id.
 */
export async function writeMails(
  sql: Sql,
  mails: readonly { mailId: string; userId: string }[],
): Promise<Map<string, AssignmentsData>> {
  if (mails.length === 0) return new Map();
  const ids = mails.map(({ mailId }) => mailId);
  const userIds = mails.map(({ userId }) => userId);
  await sql(
    `select from mail_choice where kind = 'assignments' and user_id = any ($1::uuid[]) order by user_id for update`,
    [userIds],
  );
  // A statement of its own: it has to see what was added while the row was waited for.
  await sql(
    `update assigned_task t set mail_id = m.id from unnest($1::uuid[], $2::uuid[]) as m (id, user_id)
      where t.user_id = m.user_id and (t.mail_id is null or t.mail_id = m.id)`,
    [ids, userIds],
  );
  const written = await sql<{ mailId: string; data: AssignmentsData }>(
    `update mail m set data = told.data
       from (select mail_id, jsonb_build_object('count', count(*), 'tasks', to_jsonb((array_agg(
                      jsonb_build_object('title', title, 'jiraId', jira_id, 'assignedAt', assigned_at)
                      order by assigned_at, task_id))[1:$2])) as data
               from assigned_task where mail_id = any ($1::uuid[]) group by mail_id) told
      where m.id = told.mail_id
     returning m.id as "mailId", m.data`,
    [ids, MAX_NAMED],
  );
  await sql("delete from mail where id = any ($1::uuid[]) and id <> all ($2::uuid[])", [
    ids,
    written.map(({ mailId }) => mailId),
  ]);
  return new Map(written.map(({ mailId, data }) => [mailId, data]));
}
