import { Type } from "typebox";
import { defineEvent, Nullable } from "../../platform/contract.ts";
import { Payout } from "./payout.ts";

export const payoutSentV1 = defineEvent({
  type: "payout.sent",
  source: "accounting",
  kind: "business",
  summary: "The bank has the order to pay a payout.",
  key: "userId",
  data: Type.Object({
    ...Payout,
    /** The message id of the bank's file that it was in; null: it was ordered by itself. */
    file: Type.Optional(Nullable(Type.String({ maxLength: 60 }))),
    /** Which of the popug's pay details it was sent to; the details themselves never leave accounting. */
    detailsId: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
});
