/** SQL of shuffles: one row each, of which one may be running. */
import type { Ctx } from "../../platform/service.ts";

/** A running shuffle, and how far it has come. */
export type RunningShuffle = {
  shuffleId: string;
  startedBy: string;
  total: number;
  drawn: number;
  afterTaskId: string | null;
  lastTaskId: string | null;
};

/**
 * Begins a shuffle of all tasks that are open now, unless one is running. Two presses at once: the second waits here for
 * the transaction of the first.
 */
export async function insertShuffle(
  ctx: Ctx,
  shuffle: { shuffleId: string; startedBy: string; now: Date },
): Promise<{ total: number } | undefined> {
  const [row] = await ctx.sql<{ total: number }>(
    `insert into shuffle (shuffle_id, started_by, started_at, total, last_task_id)
     select $1, $2, $3, (select count(*) from task where status = 'in_progress'),
            (select task_id from task where status = 'in_progress' order by task_id desc limit 1)
     on conflict (status) where status = 'running' do nothing
     returning total`,
    [shuffle.shuffleId, shuffle.startedBy, shuffle.now],
  );
  return row;
}

/** The shuffle that runs, of which the database allows one; undefined when none does. */
export async function findRunningShuffle(
  sql: Ctx["sql"],
): Promise<{ shuffleId: string; startedBy: string } | undefined> {
  const [row] = await sql<{ shuffleId: string; startedBy: string }>(
    `select shuffle_id as "shuffleId", started_by as "startedBy" from shuffle where status = 'running'`,
  );
  return row;
}

/** The running shuffle, held until the end of the transaction; undefined when another process holds it, or it has finished. */
export async function lockShuffle(ctx: Ctx, shuffleId: string): Promise<RunningShuffle | undefined> {
  const [row] = await ctx.sql<RunningShuffle>(
    `select shuffle_id as "shuffleId", started_by as "startedBy", total, drawn, after_task_id as "afterTaskId",
            last_task_id as "lastTaskId"
       from shuffle where shuffle_id = $1 and status = 'running' for update skip locked`,
    [shuffleId],
  );
  return row;
}

/** How far the shuffle has come; `finishedAt` when that was the end of it. */
export async function saveProgress(
  ctx: Ctx,
  shuffleId: string,
  progress: { drawn: number; afterTaskId: string | null; finishedAt: Date | null },
): Promise<void> {
  await ctx.sql(
    `update shuffle set drawn = $2, after_task_id = $3, finished_at = $4,
                        status = case when $4::timestamptz is null then 'running' else 'finished' end
      where shuffle_id = $1`,
    [shuffleId, progress.drawn, progress.afterTaskId, progress.finishedAt],
  );
}
