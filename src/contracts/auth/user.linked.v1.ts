import { Type } from "typebox";
import { defineEvent, Uuid } from "../../platform/contract.ts";

export const userLinkedV1 = defineEvent({
  type: "user.linked",
  source: "auth",
  kind: "cud",
  summary: "A popug is known to another OpenID provider under this name; no such name is ever given to a second one.",
  key: "userId",
  data: Type.Object({
    userId: Uuid,
    identity: Type.String({ maxLength: 600, description: "issuer and subject, with a blank between them" }),
  }),
});
