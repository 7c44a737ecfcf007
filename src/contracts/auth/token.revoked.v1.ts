import { Type } from "typebox";
import { defineEvent, Uuid } from "../../platform/contract.ts";

export const tokenRevokedV1 = defineEvent({
  type: "token.revoked",
  source: "auth",
  kind: "cud",
  summary: "A personal access token is no longer good: revoked by its owner, or its owner was deactivated.",
  key: "userId",
  data: Type.Object({ userId: Uuid, tokenId: Uuid }),
});
