import { Type } from "typebox";
import { Currency, Day, defineEvent, OneOf } from "../../platform/contract.ts";
import { MAX_ENTRIES } from "./entry.posted.v1.ts";
import { Entry as EntryV2, entryPostedV2 } from "./entry.posted.v2.ts";

/** What a line can be. `payout-return` gives back a payout that did not arrive; `write-off` ends the debt of a leaver. */
export const entryKinds = [
  "fee",
  "fee-reversal",
  "reward",
  "reward-reversal",
  "payout",
  "payout-return",
  "write-off",
] as const;

/** One line of a popug's audit log, as in version 2; a payout that came back says which one. */
export const Entry = Type.Object({
  ...EntryV2.properties,
  kind: OneOf(entryKinds),
  returned: Type.Optional(
    Type.Object({
      /** The entry of the payout. */
      entryId: Type.String({ maxLength: 120 }),
      /** The period that was closed with it: `2026-11-22`. */
      label: Type.String({ maxLength: 20 }),
      reason: Type.String({ maxLength: 300 }),
    }),
  ),
});

/** A reader of version 2 gets a payout with the opposite sign for both new kinds: nothing that was earned, and its sums stay right. */
export const entryPostedV3 = defineEvent({
  type: "entry.posted",
  version: 3,
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
    contract: entryPostedV2,
    up: (older) => older,
    down: ({ entries, ...rest }) => ({
      ...rest,
      entries: entries.map(({ returned: _, kind, ...entry }) => ({
        ...entry,
        kind: kind === "payout-return" || kind === "write-off" ? ("payout" as const) : kind,
      })),
    }),
  },
});
