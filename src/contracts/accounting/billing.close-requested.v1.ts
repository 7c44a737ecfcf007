import { Type } from "typebox";
import { defineEvent, OneOf } from "../../platform/contract.ts";

export const billingCloseRequestedV1 = defineEvent({
  type: "billing.close-requested",
  source: "accounting",
  kind: "business",
  summary: "The schedule or a person wants a period closed; tasks ends its registration if it is still the open one.",
  key: "requestKey",
  data: Type.Object({
    /** `billing`: all requests stand in one partition, in order. */
    requestKey: OneOf(["billing"]),
    period: Type.Integer({ minimum: 1 }),
    by: OneOf(["schedule", "person"]),
  }),
});
