import { Type } from "typebox";
import { defineEvent } from "../../platform/contract.ts";
import { Payout } from "./payout.ts";

export const payoutConfirmedV1 = defineEvent({
  type: "payout.confirmed",
  source: "accounting",
  kind: "business",
  summary: "A payout has arrived.",
  key: "userId",
  data: Type.Object(Payout),
});
