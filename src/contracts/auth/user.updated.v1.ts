import { Type } from "typebox";
import { defineEvent } from "../../platform/contract.ts";
import { UserState } from "./user.ts";

export const userUpdatedV1 = defineEvent({
  type: "user.updated",
  source: "auth",
  kind: "cud",
  summary: "Name, e-mail, language, roles or status of a popug changed; nobody is ever deleted.",
  key: "userId",
  data: Type.Object(UserState),
});
