/** The tokens of another OpenID provider that stands in the place of ours. */
import { createRemoteJWKSet, type JWTVerifyGetKey } from "jose";
import { Refusal } from "../platform/refusal.ts";
import { readForeignToken } from "../people/foreign-token.ts";
import type { Claims } from "../people/token-claims.ts";

const TIMEOUT_MS = 5_000;
/** Keys are asked for anew after ten minutes, or for an unknown one after thirty seconds. */
const CACHE_MS = 600_000;
const COOLDOWN_MS = 30_000;

/** Asks the provider where its keys are at the first token, and for the keys when they are needed. */
export function foreignTokens(expected: {
  issuer: string;
  audience: string;
  clientId: string;
}): (token: string) => Promise<Claims | undefined> {
  let known: Promise<JWTVerifyGetKey> | undefined;
  return async (token) => {
    known ??= keysOf(expected.issuer).catch((error: unknown) => {
      known = undefined;
      throw new Refusal("unavailable", "keys-unavailable", "Sign-in is not available yet; try again in a moment.", {
        retryAfterSeconds: 1,
        cause: error,
      });
    });
    return readForeignToken(token, await known, expected);
  };
}

/** The provider's published keys, by its description (OpenID Connect Discovery 1.0). */
export async function keysOf(issuer: string): Promise<JWTVerifyGetKey> {
  const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const answer = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
  const said = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (said.issuer !== issuer || typeof said.jwks_uri !== "string") throw new Error(`${address} describes another one`);
  return createRemoteJWKSet(new URL(said.jwks_uri), {
    timeoutDuration: TIMEOUT_MS,
    cacheMaxAge: CACHE_MS,
    cooldownDuration: COOLDOWN_MS,
  });
}
