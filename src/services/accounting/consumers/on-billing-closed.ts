/** S9: the next billing period begins with the carried balances as its opening ones. */
import { billingClosedV1 } from "../../../contracts/accounting/billing.closed.v1.ts";
import { type Consumer, consumer } from "../../../platform/service.ts";
import { sumOfOpenings, savePeriodOpening } from "../period-store.ts";

export const onBillingClosed: Consumer = consumer({
  name: "on-billing-closed",
  source: "accounting",
  events: [billingClosedV1],
  command: "billing.open",
  handle: async (ctx, events) => {
    // The barrier comes once in every partition; the first one opens the billing, the others find it open.
    const closed = new Map(events.map(({ data }) => [data.period, data]));
    for (const { period, carriedMinor } of closed.values()) {
      const openings = await sumOfOpenings(ctx.sql, period + 1);
      if (openings.sumMinor !== carriedMinor) {
        throw new Error(
          `period ${period} carries ${carriedMinor}, but period ${period + 1} would open with ${openings.sumMinor}`,
        );
      }
      await savePeriodOpening(ctx.sql, {
        period: period + 1,
        openedAt: ctx.now,
        accountCount: openings.accountCount,
        openingsMinor: openings.sumMinor,
        closingsMinor: carriedMinor,
      });
    }
  },
});
