/**
 * Does the running shuffle, chunk by chunk, each in a transaction of its own: it holds nobody up, goes on where it was
 * after a crash, and every chunk reads the eligible popugs anew. Tasks that are done meanwhile stay done.
 */
import { shuffleFinishedV1 } from "../../../contracts/tasks/shuffle.finished.v1.ts";
import { shuffleProgressedV1 } from "../../../contracts/tasks/shuffle.progressed.v1.ts";
import type { Ctx, Job } from "../../../platform/service.ts";
import { handOut } from "../assignment.ts";
import { eligible } from "../eligibility-store.ts";
import { type Calendar, register, stamp } from "../registration-store.ts";
import { findRunningShuffle, lockShuffle, saveProgress } from "../shuffle-store.ts";
import { lockOpenTasks } from "../task-store.ts";

/** Tasks in one transaction. */
const CHUNK = 2_000;

export function shuffle(calendar: Calendar): Job {
  return {
    name: "shuffle",
    everyMs: 1_000,
    run: async (tools) => {
      const running = await findRunningShuffle(tools.sql);
      if (running === undefined) return 0;
      const by = `user:${running.startedBy}` as const;
      return await tools.transact("task.assign", by, (ctx) => shuffleChunk(ctx, running.shuffleId, calendar));
    },
  };
}

/** @returns 1, or 0 when another process is at it */
async function shuffleChunk(ctx: Ctx, shuffleId: string, calendar: Calendar): Promise<number> {
  const registered = await register(ctx, calendar);
  const popugs = await eligible(ctx);
  const running = await lockShuffle(ctx, shuffleId);
  if (running === undefined) return 0;
  const { total, afterTaskId, lastTaskId } = running;
  // With nobody to draw, the tasks stay where they are and the shuffle is over.
  const tasks =
    popugs.length === 0 ? [] : await lockOpenTasks(ctx, { after: afterTaskId, last: lastTaskId, limit: CHUNK });
  await handOut(ctx, tasks, { registered, eligible: popugs, reason: () => "shuffled", shuffleId });
  const drawn = running.drawn + tasks.length;
  const finished = tasks.length < CHUNK;
  await saveProgress(ctx, shuffleId, {
    drawn,
    afterTaskId: tasks.at(-1)?.taskId ?? afterTaskId,
    finishedAt: finished ? registered.now : null,
  });
  ctx.emit(finished ? shuffleFinishedV1 : shuffleProgressedV1, { shuffleId, total, drawn }, stamp(registered));
  return 1;
}
