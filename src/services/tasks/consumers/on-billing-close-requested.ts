/** `billing.close-requested` → the registration of that period ends, if it is still the open one. */
import { billingCloseRequestedV1 } from "../../../contracts/accounting/billing.close-requested.v1.ts";
import { type Consumer, consumer } from "../../../platform/service.ts";
import { type Calendar, endPeriod } from "../registration-store.ts";

/** A request for a period that has ended already changes nothing: a second press, or the schedule was faster. */
export function onBillingCloseRequested(calendar: Calendar): Consumer {
  return consumer({
    name: "on-billing-close-requested",
    source: "accounting",
    events: [billingCloseRequestedV1],
    command: "task.end-registration",
    handle: async (ctx, events) => {
      for (const request of events) {
        await endPeriod(ctx, calendar, (open) => open.period === request.data.period, request);
      }
    },
  });
}
