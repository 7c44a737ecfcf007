import { Type } from "typebox";
import { defineEvent } from "../../platform/contract.ts";
import { Payout } from "./payout.ts";

export const payoutFailedV1 = defineEvent({
  type: "payout.failed",
  source: "accounting",
  kind: "business",
  summary: "A payout did not arrive: its amount is back in the popug's account and is paid with the next one.",
  key: "userId",
  data: Type.Object({ ...Payout, reason: Type.String({ maxLength: 300 }) }),
});
