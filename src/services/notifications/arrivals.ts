/** How much of a period has arrived: counted as the sequencer of accounting counts for its barrier. Pure. */
import { billingClosedV1 } from "../../contracts/accounting/billing.closed.v1.ts";
import { checksumOf, type EventMeta, type Received } from "../../platform/event.ts";
import { ofType } from "../../platform/service.ts";

/** A change of the intake of one type, period and partition; `expected…` are null but for a barrier. */
export type Arrival = {
  period: number;
  partition: number;
  type: string;
  count: number;
  checksum: number;
  expectedCount: number | null;
  expectedChecksum: number | null;
};

/** What a batch adds to the intake of `type`, and what the barriers in it say there has to be. Sorted for writing. */
export function countArrivals(events: readonly Received[], type: string): Arrival[] {
  const arrivals = new Map<string, Arrival>();
  const at = ({ partition }: EventMeta, period: number) => {
    const key = `${period}/${partition}`;
    let arrival = arrivals.get(key);
    if (arrival === undefined) {
      arrival = { period, partition, type, count: 0, checksum: 0, expectedCount: null, expectedChecksum: null };
      arrivals.set(key, arrival);
    }
    return arrival;
  };
  for (const event of events) {
    if (event.type !== type || event.type === billingClosedV1.type || event.period === null) continue;
    const arrival = at(event, event.period);
    arrival.count += 1;
    arrival.checksum += checksumOf(event.id);
  }
  for (const event of ofType(events, billingClosedV1)) {
    const arrival = at(event, event.data.period);
    const announced = event.control?.[type];
    // A barrier does not count itself: for its own type it only has to be there.
    arrival.expectedCount = type === billingClosedV1.type ? 0 : (announced?.count ?? 0);
    arrival.expectedChecksum = type === billingClosedV1.type ? 0 : Number(announced?.checksum ?? 0);
  }
  return [...arrivals.values()].sort((a, b) => a.period - b.period || a.partition - b.partition);
}
