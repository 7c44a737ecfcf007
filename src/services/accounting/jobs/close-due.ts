/** S8 by schedule: when the open period's time is over, asks for its end. Tasks may have ended it by itself; no harm. */
import { billingCloseRequestedV1 } from "../../../contracts/accounting/billing.close-requested.v1.ts";
import type { Job } from "../../../platform/service.ts";
import { newestPeriod, saveCloseRequest } from "../period-store.ts";

export const closeDue: Job = {
  name: "schedule",
  everyMs: 1_000,
  run: async ({ sql, now, transact }) => {
    const period = await newestPeriod(sql);
    if (period === undefined || period.barriers > 0 || (await now()) < period.endsAt) return 0;
    return await transact("billing.close", "system:schedule", async (ctx) => {
      if (!(await saveCloseRequest(ctx.sql, period.number, "schedule", ctx.now))) return 0;
      const data = { requestKey: "billing", period: period.number, by: "schedule" } as const;
      ctx.emit(billingCloseRequestedV1, data, { period: period.number });
      return 1;
    });
  },
};
