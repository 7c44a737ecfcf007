/** Goes on where the consumer of user events stopped, when a change among the people moves more tasks than one chunk. */
import type { Job } from "../../../platform/service.ts";
import { lockEligibility } from "../eligibility-store.ts";
import { handOutMisplaced } from "../hand-out.ts";
import { type Calendar, register } from "../registration-store.ts";
import { hasMisplacedTasks } from "../task-store.ts";

export function handOutJob(calendar: Calendar): Job {
  return {
    name: "hand-out",
    everyMs: 2_000,
    run: async (tools) => {
      if (!(await hasMisplacedTasks(tools.sql))) return 0;
      return await tools.transact("task.assign", "system:hand-out", async (ctx) => {
        const registered = await register(ctx, calendar);
        await lockEligibility(ctx);
        return await handOutMisplaced(ctx, registered);
      });
    },
  };
}
