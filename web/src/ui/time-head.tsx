import { useBillingZone } from "../data/business-day.ts";
import { offsetName } from "../format/days.ts";
import { businessNow } from "../live/stream.ts";

/**
 * The head of a column of times. Where the reader's clock is not that of the company's day, it says whose they are:
 * the reader's, or (`company`) those of the day.
 */
export function TimeHead({ children, company = false }: { children: string; company?: boolean }) {
  const billing = useBillingZone();
  const now = new Date(businessNow());
  const [own, theirs] = [offsetName(now), billing === undefined ? undefined : offsetName(now, billing)];
  return theirs === undefined || theirs === own ? children : `${children}, ${company ? theirs : own}`;
}
