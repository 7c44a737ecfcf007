/** Closes the lowest period that is not closed, as soon as all of it is booked. Level-triggered: it may look at any time. */
import { PARTITIONS } from "../../../platform/event.ts";
import type { Job } from "../../../platform/service.ts";
import { closeBooks } from "../close.ts";
import { waitingFor } from "../period.ts";
import { loadProgress, lowestUnclosed } from "../period-store.ts";

export const closeComplete: Job = {
  name: "close",
  everyMs: 1_000,
  run: async ({ sql, transact }) => {
    // It is woken by every commit of the service, so what it reads first is cheap.
    const period = await lowestUnclosed(sql);
    if (period === undefined || period.barriers < PARTITIONS) return 0;
    if (waitingFor(await loadProgress(sql, period.number)).length > 0) return 0;
    const closed = await transact("billing.close", "system:close", (ctx) => closeBooks(ctx, period.number));
    return closed ? 1 : 0;
  },
};
