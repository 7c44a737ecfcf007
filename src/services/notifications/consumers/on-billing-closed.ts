/** Notes which partitions have closed a period; with the sixteenth, the report to management goes out. */
import { billingClosedV1 } from "../../../contracts/accounting/billing.closed.v1.ts";
import { consumer, ofType } from "../../../platform/service.ts";
import { countArrivals } from "../arrivals.ts";
import { keepArrivals, keepClosedPeriods } from "../period-store.ts";

export const onBillingClosed = consumer({
  name: "on-billing-closed",
  source: "accounting",
  events: [billingClosedV1],
  command: "send.report",
  async handle({ sql }, events) {
    await keepClosedPeriods(sql, ofType(events, billingClosedV1));
    await keepArrivals(sql, countArrivals(events, billingClosedV1.type));
  },
});
