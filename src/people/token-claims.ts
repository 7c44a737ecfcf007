/**
 * Reads an access token (RFC 9068) as strictly as can be. A library's `jwtVerify` with all its options still lets through
 * what is signed well but means something else; the checks after it close that.
 */
import { decodeProtectedHeader, jwtVerify } from "jose";
import { type Role, roles } from "./policy.ts";
import type { KeySource } from "./token-keys.ts";

/** What counts of a verified token. Instants are seconds since 1970. */
export type Claims = {
  /** The user's id. */
  sub: string;
  iat: number;
  exp: number;
  roles: Role[];
  /** The user's version when the token was issued. */
  version: number;
  /** The application that it was issued to. */
  client: string;
  /** The sign-in was not strong enough for some roles of the person. */
  limited?: boolean;
};

/** Longer is not ours: ours have some 700 characters. */
const MAX_LENGTH = 4_096;
// 64 bytes of signature; the last character has four bits to spare, which have to be zero: one token, one spelling.
const SHAPE = /^[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{85}[AQgw]$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Seconds from issue to expiry; ours live 300. */
const MAX_LIFETIME = 360;
/** Seconds by which clocks of machines may differ. */
const CLOCK_TOLERANCE = 5;
/** Headers that carry or point to a key: ours never do, and nobody may bring their own. */
const KEY_HEADERS = ["jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256", "crit", "b64", "zip", "enc"];

/**
 * The claims of a token that is good in every respect, else undefined.
 * @throws Refusal `keys-unavailable` when the issuer's keys cannot be had
 */
export async function readToken(
  token: string,
  keys: KeySource,
  expected: { issuer: string; audience: string },
): Promise<Claims | undefined> {
  if (token.length > MAX_LENGTH || !SHAPE.test(token)) return undefined;
  const header = headerOf(token);
  if (header === undefined || header.alg !== "ES256" || typeof header.kid !== "string") return undefined;
  if (KEY_HEADERS.some((name) => name in header)) return undefined;
  const key = await keys.find(header.kid);
  if (key === undefined) return undefined;

  const payload = await jwtVerify(token, key, {
    algorithms: ["ES256"],
    typ: "at+jwt",
    issuer: expected.issuer,
    audience: expected.audience,
    requiredClaims: ["sub", "iat", "exp", "jti", "client_id", "scope"],
    maxTokenAge: MAX_LIFETIME,
    clockTolerance: CLOCK_TOLERANCE,
  }).then(
    (verified) => verified.payload as Record<string, unknown>,
    () => undefined,
  );
  return payload && claimsOf(payload, expected.audience);
}

function headerOf(token: string): Record<string, unknown> | undefined {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return undefined;
  }
}

function claimsOf(payload: Record<string, unknown>, audience: string): Claims | undefined {
  const { sub, aud, iat, exp, jti, client_id: client, scope, roles: claimed, version, limited } = payload;
  // One audience: a token that is also meant for somebody else could be replayed by them.
  if (aud !== audience) return undefined;
  if (typeof sub !== "string" || !UUID.test(sub)) return undefined;
  if (!isInstant(iat) || !isInstant(exp) || exp <= iat || exp - iat > MAX_LIFETIME) return undefined;
  if (!isShortText(jti) || !isShortText(client)) return undefined;
  // What the person allowed the application: a token for our API that may do nothing in it is none.
  if (scope !== "api") return undefined;
  // Bound to a key that whoever brings the token would have to prove: we do not issue such, and do not check proofs.
  if ("cnf" in payload) return undefined;
  if (!Array.isArray(claimed) || claimed.length === 0 || claimed.length > roles.length) return undefined;
  if (!claimed.every((role) => (roles as readonly unknown[]).includes(role))) return undefined;
  if (new Set(claimed).size !== claimed.length) return undefined;
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 1) return undefined;
  if (limited !== undefined && limited !== true) return undefined;
  return { sub, iat, exp, roles: claimed as Role[], version, client, ...(limited && { limited }) };
}

const isInstant = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const isShortText = (value: unknown): value is string =>
  typeof value === "string" && value.length > 0 && value.length <= 200;
