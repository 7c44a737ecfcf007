/** Access tokens of another OpenID provider that stands in the place of ours: as strict as the standards let us be. */
import { decodeProtectedHeader, errors, jwtVerify, type JWTVerifyGetKey } from "jose";
import { Refusal } from "../platform/refusal.ts";
import type { Claims } from "./token-claims.ts";

const MAX_LENGTH = 8_192;
/** Providers of others give an hour, some a day; a deactivation here bites at once whatever the token says. */
const MAX_LIFETIME = 86_400;
const CLOCK_TOLERANCE = 10;

/**
 * The claims of a good token, with no roles: those are given here. `sub` is the provider's subject. One that does not say it
 * was issued to us (`clientId`) is an application's of others, whatever that is called.
 * @throws Refusal `keys-unavailable` when the provider's keys cannot be had
 */
export async function readForeignToken(
  token: string,
  keys: JWTVerifyGetKey,
  expected: { issuer: string; audience: string; clientId: string },
): Promise<Claims | undefined> {
  if (token.length > MAX_LENGTH) return undefined;
  try {
    const { typ } = decodeProtectedHeader(token);
    // Never an ID token or a logout token; providers older than RFC 9068 say JWT or nothing.
    if (typ !== undefined && !/^(application\/)?(at\+jwt|jwt)$/i.test(typ)) return undefined;
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ["ES256", "PS256", "RS256", "EdDSA"],
      issuer: expected.issuer,
      audience: expected.audience,
      requiredClaims: ["sub", "iat", "exp"],
      clockTolerance: CLOCK_TOLERANCE,
    });
    const { sub = "", iat = 0, exp = 0 } = payload;
    if (sub === "" || sub.length > 255 || exp - iat > MAX_LIFETIME || exp <= iat) return undefined;
    if ("cnf" in payload || "nonce" in payload || "events" in payload) return undefined;
    // RFC 9068 has the one, OpenID Connect the other; where both are said, both have to be us.
    const issuedTo = [payload["client_id"], payload["azp"]].filter((client) => client !== undefined);
    const ours = issuedTo.length > 0 && issuedTo.every((client) => client === expected.clientId);
    return { sub, iat, exp, roles: [], version: 0, client: ours ? "popug-web" : "elsewhere" };
  } catch (error) {
    if (error instanceof errors.JWKSTimeout || error instanceof TypeError) throw unavailable(error);
    // The library wraps an answer of the provider that is none in its plain error.
    if (error instanceof errors.JOSEError && error.code === "ERR_JOSE_GENERIC") throw unavailable(error);
    return undefined;
  }
}

const unavailable = (cause: Error) =>
  new Refusal("unavailable", "keys-unavailable", "Sign-in is not available yet; try again in a moment.", {
    retryAfterSeconds: 1,
    cause,
  });
