import { Type } from "typebox";
import { Currency, Day, defineEvent, Minor, Nullable, OneOf, Timestamp, Uuid } from "../../platform/contract.ts";

/**
 * One line of a popug's audit log. The sign is the popug's view: a reward is positive, a fee negative.
 * Entry ids are `period-source-epoch-partition-position-leg`, from which each leads back to its event.
 */
export const Entry = Type.Object({
  entryId: Type.String({ maxLength: 120 }),
  userId: Uuid,
  kind: OneOf(["fee", "reward", "reward-reversal", "payout"]),
  amountMinor: Minor,
  taskId: Nullable(Uuid),
  title: Nullable(Type.String({ maxLength: 500 })),
  jiraId: Nullable(Type.String({ maxLength: 60 })),
  /** Business time of the event that was booked. */
  occurredAt: Timestamp,
});

/** The most entries in one event, so that it stays below the size limit of events. */
export const MAX_ENTRIES = 40;

export const entryPostedV1 = defineEvent({
  type: "entry.posted",
  source: "accounting",
  kind: "business",
  summary: "Lines were added to the books: all of one period, in the partition of what was booked.",
  key: null,
  data: Type.Object({
    period: Type.Integer({ minimum: 1 }),
    businessDate: Day,
    currency: Currency,
    entries: Type.Array(Entry, { minItems: 1, maxItems: 40 }),
  }),
});
