import { Type } from "typebox";
import { Currency, Day, defineEvent, OneOf, Timestamp, Uuid } from "../../platform/contract.ts";
import { MAX_ENTRIES } from "./entry.posted.v1.ts";
import { Entry as EntryV3, entryKinds as entryKindsV3, entryPostedV3 } from "./entry.posted.v3.ts";

/** What a line can be. `opening` and `opening-debt` bring a balance in from other books: what is owed to a popug, and by one. */
export const entryKinds = [...entryKindsV3, "opening", "opening-debt"] as const;

/** One line of a popug's audit log, as in version 3; a replay reads what people decided from it. */
export const Entry = Type.Object({
  ...EntryV3.properties,
  kind: OneOf(entryKinds),
  /** Of a balance from other books: its id. */
  balanceId: Type.Optional(Uuid),
  /** Of a debt that was given up: what a second person agreed to. */
  writtenOff: Type.Optional(
    Type.Object({
      requestId: Uuid,
      reason: Type.String({ maxLength: 500 }),
      requestedBy: Uuid,
      requestedAt: Timestamp,
    }),
  ),
});

/** A reader of version 3 gets a payout, or one that came back: nothing that was earned, and its sums stay right. */
export const entryPostedV4 = defineEvent({
  type: "entry.posted",
  version: 4,
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
    contract: entryPostedV3,
    up: (older) => older,
    down: ({ entries, ...rest }) => ({
      ...rest,
      entries: entries.map(({ balanceId: _, writtenOff: __, kind, ...entry }) => ({
        ...entry,
        kind: kind === "opening" ? ("payout-return" as const) : kind === "opening-debt" ? ("payout" as const) : kind,
      })),
    }),
  },
});
