import { Type } from "typebox";
import { Currency, Day, defineEvent, Minor, Nullable, OneOf, Timestamp, Uuid } from "../../platform/contract.ts";
import { entryPostedV1, MAX_ENTRIES } from "./entry.posted.v1.ts";

/** What a line can be. `fee-reversal` gives a fee back: of a cancelled task, or in a correction. */
const entryKinds = ["fee", "fee-reversal", "reward", "reward-reversal", "payout"] as const;

/** One line of a popug's audit log, as in version 1; a line of a correction says what it corrects. */
export const Entry = Type.Object({
  entryId: Type.String({ maxLength: 120 }),
  userId: Uuid,
  kind: OneOf(entryKinds),
  amountMinor: Minor,
  taskId: Nullable(Uuid),
  title: Nullable(Type.String({ maxLength: 500 })),
  jiraId: Nullable(Type.String({ maxLength: 60 })),
  /** Business time of the event that was booked. */
  occurredAt: Timestamp,
  /** The entry that it takes back: the fee of a task that was cancelled. */
  reverses: Type.Optional(Type.String({ maxLength: 120 })),
  correction: Type.Optional(
    Type.Object({
      /** The entry that was wrong. */
      corrects: Type.String({ maxLength: 120 }),
      /** The business day that it is about: reports of that day as corrected take it in. */
      effectiveDay: Day,
      reason: Type.String({ maxLength: 500 }),
    }),
  ),
});

/**
 * A reader of version 1 knows no `fee-reversal`: it gets a fee with the opposite sign, so that its sums stay right. That is
 * why this is a version of its own: a value more in an enumeration would break whoever reads it as the whole.
 */
export const entryPostedV2 = defineEvent({
  type: "entry.posted",
  version: 2,
  source: "accounting",
  kind: "business",
  summary: "Lines were added to the books: all of one period, in the partition of what was booked.",
  key: null,
  data: Type.Object({
    period: Type.Integer({ minimum: 1 }),
    businessDate: Day,
    currency: Currency,
    entries: Type.Array(Entry, { minItems: 1, maxItems: MAX_ENTRIES }),
  }),
  previous: {
    contract: entryPostedV1,
    up: (older) => older,
    down: ({ entries, ...rest }) => ({
      ...rest,
      entries: entries.map(({ correction: _, reverses: __, kind, ...entry }) => ({
        ...entry,
        kind: kind === "fee-reversal" ? ("fee" as const) : kind,
      })),
    }),
  },
});
