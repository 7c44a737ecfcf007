import { Type } from "typebox";
import { Currency, defineEvent, Minor, Uuid } from "../../platform/contract.ts";

export const payoutRequestedV1 = defineEvent({
  type: "payout.requested",
  source: "accounting",
  kind: "business",
  summary: "The positive balance of a popug is to be paid out; at most one per account and period.",
  key: "userId",
  data: Type.Object({
    period: Type.Integer({ minimum: 1 }),
    userId: Uuid,
    amountMinor: Minor,
    currency: Currency,
  }),
});
