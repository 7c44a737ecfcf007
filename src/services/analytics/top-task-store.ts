/** SQL of the most expensive task. */
import type { Sql } from "../../platform/service.ts";

export type TopTask = {
  id: string;
  title: string | null;
  jiraId: string | null;
  rewardMinor: number;
  userId: string;
  name: string | null;
  completedAt: Date;
};

/**
 * The task with the highest reward among those finished, and not taken back, on the days from … to; of equal ones the
 * one that was finished first. Reads the top of each day's index, so that a month costs 31 look-ups.
 */
export async function findTopTask(sql: Sql, from: string, to: string): Promise<TopTask | undefined> {
  const rows = await sql<TopTask>(
    `select top.task_id as id, t.title, t.jira_id as "jiraId", top.reward_minor as "rewardMinor",
            top.user_id as "userId", p.name, top.completed_at as "completedAt"
       from generate_series($1::date, $2::date, '1 day') as d (day)
      cross join lateral (select * from completion c where c.business_date = d.day::date and c.net > 0
                           order by c.reward_minor desc, c.completed_at, c.task_id limit 1) as top
       left join task_title t using (task_id)
       left join person p on p.user_id = top.user_id
      order by top.reward_minor desc, top.completed_at, top.task_id limit 1`,
    [from, to],
  );
  return rows[0];
}

/** How many tasks were finished on the days, and what was paid for them. */
export async function sumCompletions(
  sql: Sql,
  from: string,
  to: string,
): Promise<{ count: number; rewardsMinor: number }> {
  const rows = await sql<{ count: number; rewardsMinor: number }>(
    `select coalesce(sum(done_count), 0)::bigint as count, coalesce(sum(rewards_minor), 0)::bigint as "rewardsMinor"
       from day_figures where business_date between $1::date and $2::date`,
    [from, to],
  );
  return rows[0] ?? { count: 0, rewardsMinor: 0 };
}
