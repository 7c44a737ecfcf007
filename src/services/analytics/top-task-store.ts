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

/** Finished tasks of the days by reward, in bars of equal width; `unitMinor` is the narrowest that a bar may be. */
export async function countRewards(
  sql: Sql,
  from: string,
  to: string,
  unitMinor: number,
  maxBars: number,
): Promise<{ stepMinor: number; bars: { fromMinor: number; count: number }[] }> {
  const rows = await sql<{ step: number; fromMinor: number; count: number }>(
    `with done as (
       select reward_minor from completion where net > 0 and business_date between $1::date and $2::date
     ), width as (
       select greatest(1, ceil((max(reward_minor) - min(reward_minor) + 1)::numeric / $3::bigint / $4::int))::bigint * $3::bigint
              as step from done
     )
     select step, reward_minor / step * step as "fromMinor", count(*) as count
       from done, width group by step, reward_minor / step order by reward_minor / step`,
    [from, to, unitMinor, maxBars],
  );
  return {
    stepMinor: rows[0]?.step ?? unitMinor,
    bars: rows.map(({ fromMinor, count }) => ({ fromMinor, count })),
  };
}
