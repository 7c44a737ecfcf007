/** Keeps the audit log of each day; once all of the day is here, it goes out as `send.audit`. */
import { billingClosedV1 } from "../../../contracts/accounting/billing.closed.v1.ts";
import { entryPostedV4 } from "../../../contracts/accounting/entry.posted.v4.ts";
import { consumer, ofType } from "../../../platform/service.ts";
import { countArrivals } from "../arrivals.ts";
import { keepArrivals, keepAuditLines } from "../period-store.ts";

export const onEntryPosted = consumer({
  name: "on-entry-posted",
  source: "accounting",
  events: [entryPostedV4, billingClosedV1],
  command: "send.audit",
  async handle({ sql }, events) {
    await keepAuditLines(sql, ofType(events, entryPostedV4));
    await keepArrivals(sql, countArrivals(events, entryPostedV4.type));
  },
});
