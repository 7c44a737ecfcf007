/** Somebody makes or ends a personal access token of their own. */
import { type Static, Type } from "typebox";
import { v7 as uuidv7 } from "uuid";
import { tokenIssuedV1 } from "../../../contracts/auth/token.issued.v1.ts";
import { tokenRevokedV1 } from "../../../contracts/auth/token.revoked.v1.ts";
import { hashOfToken, newPersonalToken } from "../../../people/personal-token.ts";
import { scopes } from "../../../people/policy.ts";
import { Nullable, OneOf, Timestamp, Uuid } from "../../../platform/contract.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx, Ctx, QueryCtx } from "../../../platform/service.ts";
import { insertToken, listTokens, type PersonalToken, revokeAllTokens, revokeToken } from "../personal-token-store.ts";
import { recordAudit } from "../security-audit.ts";

/** Live tokens that one person can have. */
const MAX_TOKENS = 20;
const MAX_DAYS = 365;

/** What `createMyToken` takes. */
export const NewToken = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" }),
  scopes: Type.Array(OneOf(scopes), { minItems: 1, maxItems: scopes.length, uniqueItems: true }),
  days: Type.Integer({ minimum: 1, maximum: MAX_DAYS, description: "how long it lives" }),
});

/** A token as its owner sees it. */
export const TokenView = Type.Object({
  tokenId: Uuid,
  name: Type.String(),
  scopes: Type.Array(OneOf(scopes)),
  createdAt: Timestamp,
  expiresAt: Timestamp,
  lastUsedOn: Nullable(Type.String({ description: "the day, in UTC; null: never" })),
});

const show = (token: PersonalToken): Static<typeof TokenView> => ({
  ...token,
  createdAt: token.createdAt.toISOString(),
  expiresAt: token.expiresAt.toISOString(),
});

/** `createMyToken`: the answer is the only place where the token ever stands in clear. @throws Refusal `too-many-tokens`, `passkey-needed` */
export async function createMyToken(ctx: CommandCtx, { body }: { body: Static<typeof NewToken> }) {
  const { userId, suspended } = ctx.actor;
  if (suspended && suspended.length > 0) {
    // A token has all roles of its owner: it must not be a way around the passkey.
    throw new Refusal(
      "forbidden",
      "passkey-needed",
      "Sign in with a passkey first: a token would have all your roles.",
    );
  }
  const token = newPersonalToken();
  const hash = hashOfToken(token);
  const chosen = scopes.filter((scope) => body.scopes.includes(scope));
  const stored = await insertToken(
    ctx.sql,
    { tokenId: uuidv7(), userId, name: body.name.trim(), hash, scopes: chosen, days: body.days },
    MAX_TOKENS,
  );
  if (!stored) {
    throw new Refusal("conflict", "too-many-tokens", `Nobody has more than ${MAX_TOKENS} tokens; revoke one first.`);
  }
  const { tokenId, expiresAt } = stored;
  await recordAudit(ctx.sql, "token.issued", `user:${userId}`, userId, {
    tokenId,
    scopes: chosen,
    expiresAt: expiresAt.toISOString(),
  });
  ctx.emit(tokenIssuedV1, {
    userId,
    tokenId,
    hash: hash.toString("hex"),
    scopes: chosen,
    expiresAt: expiresAt.toISOString(),
  });
  return { ...show(stored), token };
}

/** `revokeMyToken`. @throws Refusal `unknown-token` */
export async function revokeMyToken(ctx: CommandCtx, { params }: { params: { tokenId: string } }) {
  const { userId } = ctx.actor;
  const { tokenId } = params;
  if (!(await revokeToken(ctx.sql, userId, tokenId))) {
    throw new Refusal("not-found", "unknown-token", "You have no such token.");
  }
  await recordAudit(ctx.sql, "token.revoked", `user:${userId}`, userId, { tokenId });
  ctx.emit(tokenRevokedV1, { userId, tokenId });
  return { revoked: true };
}

/** Ends all tokens of somebody who leaves. */
export async function revokeTokensOf(ctx: Ctx, userId: string): Promise<void> {
  for (const tokenId of await revokeAllTokens(ctx.sql, userId)) ctx.emit(tokenRevokedV1, { userId, tokenId });
}

/** `listMyTokens`. */
export async function listMyTokens(ctx: QueryCtx) {
  return { items: (await listTokens(ctx.sql, ctx.actor.userId)).map(show) };
}
