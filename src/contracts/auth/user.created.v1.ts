import { Type } from "typebox";
import { defineEvent } from "../../platform/contract.ts";
import { UserState } from "./user.ts";

export const userCreatedV1 = defineEvent({
  type: "user.created",
  source: "auth",
  kind: "cud",
  summary: "A popug joined the company.",
  key: "userId",
  data: Type.Object(UserState),
});
