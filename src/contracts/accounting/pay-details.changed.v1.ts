import { Type } from "typebox";
import { defineEvent, Uuid } from "../../platform/contract.ts";

export const payDetailsChangedV1 = defineEvent({
  type: "pay-details.changed",
  source: "accounting",
  kind: "business",
  summary: "A popug changed where they are paid; the details themselves never leave accounting.",
  key: "userId",
  data: Type.Object({
    userId: Uuid,
    /** Numbers all that was ever said, from 1; a replay reads it. */
    detailsId: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
});
