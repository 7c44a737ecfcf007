/** Goes on where the consumer of user events stopped, when a change among the people moves more tasks than one chunk; and begins
 * what follows from a new day. */
import type { Job } from "../../../platform/service.ts";
import { lockEligibility, drawToken } from "../eligibility-store.ts";
import { handOutMisplaced } from "../hand-out.ts";
import { type Calendar, register } from "../registration-store.ts";
import { hasMisplacedTasks } from "../task-store.ts";

export function handOutJob(calendar: Calendar): Job {
  // Tasks get into wrong hands only by a change among the people, or by a day on which somebody is away. Once all was well
  // after the last change, it stays well.
  let wellSince: string | undefined;
  return {
    name: "hand-out",
    everyMs: 2_000,
    run: async (tools) => {
      const token = await drawToken(tools.sql);
      if (token === wellSince) return 0;
      if (await hasMisplacedTasks(tools.sql)) {
        return await tools.transact("task.assign", "system:hand-out", async (ctx) => {
          const registered = await register(ctx, calendar);
          await lockEligibility(ctx);
          return await handOutMisplaced(ctx, registered);
        });
      }
      wellSince = token;
      return 0;
    },
  };
}
