import { Type } from "typebox";
import { defineEvent } from "../../platform/contract.ts";
import { Payout } from "./payout.ts";

export const payoutSentV1 = defineEvent({
  type: "payout.sent",
  source: "accounting",
  kind: "business",
  summary: "The bank has the order to pay a payout.",
  key: "userId",
  data: Type.Object(Payout),
});
