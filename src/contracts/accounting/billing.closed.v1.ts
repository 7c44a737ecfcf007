import { type Static, Type } from "typebox";
import { Currency, Day, defineEvent, Minor, Uuid } from "../../platform/contract.ts";

/** An event that people decided not to book, about whom or what it was, who decided it, and why. */
export const Discarded = Type.Object({
  type: Type.String(),
  key: Type.String(),
  eventId: Uuid,
  /** The words of each, in the order in which they decided. */
  reason: Type.String(),
  /** User ids: whoever asked for it, and whoever confirmed it. */
  by: Type.Array(Type.String()),
});
export type Discarded = Static<typeof Discarded>;

/** A barrier of accounting's own source: whoever reports on a period waits for it in every partition. */
export const billingClosedV1 = defineEvent({
  type: "billing.closed",
  source: "accounting",
  kind: "barrier",
  summary: "A billing period was closed: all of it is booked, statements are issued, balances carried over.",
  key: null,
  data: Type.Object({
    period: Type.Integer({ minimum: 1 }),
    businessDate: Day,
    part: Type.Integer({ minimum: 1 }),
    label: Type.String({ maxLength: 20 }),
    currency: Currency,
    /** In which the company reads the clock in this period. */
    timeZone: Type.Optional(Type.String({ maxLength: 60 })),
    feesMinor: Minor,
    /** Net of taken-back rewards. */
    rewardsMinor: Minor,
    /** fees − rewards: what management earned. */
    earnedMinor: Minor,
    paidOutMinor: Minor,
    /** Payouts of earlier periods that came back to their accounts in this one. */
    returnedMinor: Type.Optional(Minor),
    /** Debts of popugs who left that were given up. */
    writtenOffMinor: Type.Optional(Minor),
    /** Balances that were brought in from other books: owed to popugs − owed by them. */
    openedMinor: Type.Optional(Minor),
    payoutCount: Type.Integer({ minimum: 0 }),
    /** Sum of the negative balances that are carried over; ≤ 0. */
    carriedMinor: Minor,
    negativeCount: Type.Integer({ minimum: 0 }),
    accountCount: Type.Integer({ minimum: 0 }),
    entryCount: Type.Integer({ minimum: 0 }),
    /** Events of the period that people decided not to book. */
    discardedCount: Type.Integer({ minimum: 0 }),
    /** Which ones; the first of them where they are too many for one event. */
    discarded: Type.Optional(Type.Array(Discarded)),
    /** SHA-256, hex, chained over all periods. */
    seal: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  }),
});
