/** Logout tokens (OpenID Connect Back-Channel Logout 1.0): a provider says that somebody has signed out. */
import { decodeProtectedHeader, jwtVerify, type JWTVerifyGetKey } from "jose";

export type LogoutToken = { sid: string } | { subject: string; issuedAt: Date };

const EVENT = "http://schemas.openid.net/event/backchannel-logout";
/** A token is about now; clocks may differ a little. */
const MAX_AGE = "5m";
const CLOCK_TOLERANCE_SECONDS = 10;

/** What a logout token says, when it is good in every respect (§2.6); else undefined. */
export async function readLogoutToken(
  token: string,
  keys: JWTVerifyGetKey,
  expected: { issuer: string; clientId: string },
): Promise<LogoutToken | undefined> {
  if (token.length > 8_192) return undefined;
  try {
    const { typ } = decodeProtectedHeader(token);
    if (typ !== undefined && !/^(application\/)?(logout\+jwt|jwt)$/i.test(typ)) return undefined;
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ["ES256", "PS256", "RS256", "EdDSA"],
      issuer: expected.issuer,
      audience: expected.clientId,
      requiredClaims: ["iat", "jti", "events"],
      maxTokenAge: MAX_AGE,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
    const events = payload["events"];
    // A nonce would make an ID token of it.
    if ("nonce" in payload || typeof events !== "object" || events === null || !(EVENT in events)) return undefined;
    const { sid } = payload;
    if (typeof sid === "string") return { sid };
    if (typeof payload.sub !== "string") return undefined;
    return { subject: payload.sub, issuedAt: new Date((payload.iat ?? 0) * 1_000) };
  } catch {
    return undefined;
  }
}
