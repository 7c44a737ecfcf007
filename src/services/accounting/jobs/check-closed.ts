/** After each close: the books of the period are computed again from its postings, and the verdict is written down. */
import type { Job } from "../../../platform/service.ts";
import { checkBooks, saveVerdict, uncheckedPeriod } from "../check.ts";

export const checkClosed: Job = {
  name: "check",
  everyMs: 5_000,
  run: async ({ sql, transact }) => {
    const period = await uncheckedPeriod(sql);
    if (period === undefined) return 0;
    const findings = await checkBooks(sql, period);
    await transact("billing.check", "system:check", (ctx) => saveVerdict(ctx.sql, period, ctx.now, findings));
    return 1;
  },
};
