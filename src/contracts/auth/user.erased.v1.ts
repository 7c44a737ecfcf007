import { Type } from "typebox";
import { defineEvent, Uuid } from "../../platform/contract.ts";

export const userErasedV1 = defineEvent({
  type: "user.erased",
  source: "auth",
  kind: "business",
  summary: "Name and addresses of a popug who left are to be forgotten; what they did stays under their id.",
  key: "userId",
  data: Type.Object({ userId: Uuid }),
});
