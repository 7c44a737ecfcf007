import { Type } from "typebox";
import { defineEvent, OneOf, Timestamp, Uuid } from "../../platform/contract.ts";

export const tokenIssuedV1 = defineEvent({
  type: "token.issued",
  source: "auth",
  kind: "cud",
  summary: "A popug made a personal access token. It travels as a hash of 256 random bits, which opens nothing.",
  key: "userId",
  data: Type.Object({
    userId: Uuid,
    tokenId: Uuid,
    /** SHA-256 of the token, in hex. */
    hash: Type.String({ pattern: "^[0-9a-f]{64}$" }),
    scopes: Type.Array(OneOf(["tasks", "account", "accounts", "analytics", "people", "operations"]), {
      minItems: 1,
      maxItems: 6,
    }),
    /** Real time, not business time. */
    expiresAt: Timestamp,
  }),
});
