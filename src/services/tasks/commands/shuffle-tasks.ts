/** `task.assign` by the button: all open tasks are drawn anew. The press only begins it; the job `shuffle` does the work. */
import { v7 as uuidv7 } from "uuid";
import { shuffleStartedV1 } from "../../../contracts/tasks/shuffle.started.v1.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx } from "../../../platform/service.ts";
import { type ShuffleView, viewShuffle } from "../queries/shuffle-view.ts";
import { type Calendar, register, stamp } from "../registration-store.ts";
import { findRunningShuffle, insertShuffle } from "../shuffle-store.ts";

/** One finishes between the two looks now and then; that this happens more often in a row has another reason. */
const MAX_LOOKS = 5;

/** Begins a shuffle, or joins the one that is running (`joined`). */
export async function shuffleTasks(ctx: CommandCtx, calendar: Calendar): Promise<ShuffleView & { joined: boolean }> {
  const registered = await register(ctx, calendar);
  const shuffleId = uuidv7();
  for (let look = 0; look < MAX_LOOKS; look++) {
    const begun = await insertShuffle(ctx, { shuffleId, startedBy: ctx.actor.userId, now: registered.now });
    if (begun !== undefined) {
      ctx.emit(shuffleStartedV1, { shuffleId, total: begun.total, drawn: 0 }, stamp(registered));
      return { ...(await viewShuffle(ctx.sql, shuffleId)), joined: false };
    }
    const running = await findRunningShuffle(ctx.sql);
    if (running !== undefined) return { ...(await viewShuffle(ctx.sql, running.shuffleId)), joined: true };
  }
  throw new Refusal("unavailable", "shuffle-busy", "Shuffles follow each other too fast just now; please try again.");
}
