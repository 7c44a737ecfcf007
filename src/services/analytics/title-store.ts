/** SQL of task titles. */
import type { Sql } from "../../platform/service.ts";

export type TaskTitle = { taskId: string; title: string; jiraId: string | null };

/** Keeps the newest titles; a shuffle, which changes none, writes nothing. */
export async function keepTitles(sql: Sql, titles: readonly TaskTitle[]): Promise<void> {
  if (titles.length === 0) return;
  await sql(
    `insert into task_title as known (task_id, title, jira_id)
     select * from unnest($1::uuid[], $2::text[], $3::text[]) as t (task_id, title, jira_id) order by task_id
     on conflict (task_id) do update set title = excluded.title, jira_id = excluded.jira_id
      where (known.title, known.jira_id) is distinct from (excluded.title, excluded.jira_id)`,
    [titles.map((t) => t.taskId), titles.map((t) => t.title), titles.map((t) => t.jiraId)],
  );
}
