/**
 * Does the running shuffle, chunk by chunk, each in a transaction of its own: it holds nobody up, goes on where it was
 * after a crash, and every chunk reads the eligible popugs anew. Tasks that are done meanwhile stay done.
 */
import { shuffleFinishedV1 } from "../../../contracts/tasks/shuffle.finished.v1.ts";
import { shuffleProgressedV1 } from "../../../contracts/tasks/shuffle.progressed.v1.ts";
import type { Ctx, Job } from "../../../platform/service.ts";
import { handOut } from "../assignment.ts";
import { FIRST_CHUNK, nextChunk } from "../chunk-size.ts";
import { eligible } from "../eligibility-store.ts";
import { type Calendar, register, stamp } from "../registration-store.ts";
import { findRunningShuffle, lockShuffle, saveProgress } from "../shuffle-store.ts";
import { lockOpenTasks } from "../task-store.ts";

export function shuffle(calendar: Calendar): Job {
  /** Tasks in one transaction: as many as this machine, at this moment, does between two signs of progress. */
  let size = FIRST_CHUNK;
  return {
    name: "shuffle",
    everyMs: 1_000,
    run: async (tools) => {
      const running = await findRunningShuffle(tools.sql);
      if (running === undefined) return 0;
      const by = `user:${running.startedBy}` as const;
      const began = performance.now();
      const drawn = await tools.transact("task.assign", by, (ctx) =>
        shuffleChunk(ctx, running.shuffleId, { calendar, size }),
      );
      // The last chunk is a smaller one and tells nothing about the machine.
      if (drawn === size) size = nextChunk(size, performance.now() - began);
      return drawn === undefined ? 0 : 1;
    },
  };
}

/** @returns how many were drawn; undefined when another process is at it */
async function shuffleChunk(
  ctx: Ctx,
  shuffleId: string,
  { calendar, size }: { calendar: Calendar; size: number },
): Promise<number | undefined> {
  const registered = await register(ctx, calendar);
  const popugs = await eligible(ctx);
  const running = await lockShuffle(ctx, shuffleId);
  if (running === undefined) return undefined;
  const { total, afterTaskId, lastTaskId } = running;
  // With nobody to draw, the tasks stay where they are and the shuffle is over.
  const tasks =
    popugs.length === 0 ? [] : await lockOpenTasks(ctx, { after: afterTaskId, last: lastTaskId, limit: size });
  await handOut(ctx, tasks, { registered, eligible: popugs, reason: () => "shuffled", shuffleId });
  const drawn = running.drawn + tasks.length;
  const finished = tasks.length < size;
  await saveProgress(ctx, shuffleId, {
    drawn,
    afterTaskId: tasks.at(-1)?.taskId ?? afterTaskId,
    finishedAt: finished ? registered.now : null,
  });
  ctx.emit(finished ? shuffleFinishedV1 : shuffleProgressedV1, { shuffleId, total, drawn }, stamp(registered));
  return tasks.length;
}
