/** Access tokens (RFC 9068): what is in them, and how the machine itself makes one for scripts. */
import { randomUUID } from "node:crypto";
import { importJWK, type JSONWebKeySet, SignJWT } from "jose";
import type { Settings } from "../../settings.ts";
import type { Secrets } from "./secrets.ts";
import type { User } from "./users.ts";

/** The one audience of all access tokens: the API of this installation. */
export const AUDIENCE = "popug-api";
/** Seconds; the other services accept nothing that lives longer than 360. */
export const ACCESS_TOKEN_SECONDS = 300;

export const issuerOf = (settings: Pick<Settings, "publicUrl">) => `${settings.publicUrl}/oidc`;

/**
 * What our access tokens say besides the registered claims. `version` is the user's: roles of an older one do not count.
 * @param limited the sign-in was not strong enough for some of the roles
 */
export function tokenClaims(user: Pick<User, "roles" | "version">, limited = false) {
  return { roles: user.roles, version: user.version, ...(limited && { limited }) };
}

/** The access token that the provider would issue to the web application for this user. */
export async function mintToken(
  secrets: Pick<Secrets, "signingKeys">,
  settings: Pick<Settings, "publicUrl">,
  user: Pick<User, "userId" | "roles" | "version">,
  seconds = ACCESS_TOKEN_SECONDS,
): Promise<string> {
  const [key] = secrets.signingKeys;
  return new SignJWT({ ...tokenClaims(user), scope: "api", client_id: "popug-cli" })
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: key.kid })
    .setIssuer(issuerOf(settings))
    .setAudience(AUDIENCE)
    .setSubject(user.userId)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime(`${seconds}s`)
    .sign(await importJWK(key, "ES256"));
}

/** The public halves of the signing keys. */
export function jwks(secrets: Pick<Secrets, "signingKeys">): JSONWebKeySet {
  return {
    keys: secrets.signingKeys.map(
      ({ kty, crv, x, y, kid }) => ({ kty, crv, x, y, kid, alg: "ES256", use: "sig" }) as never,
    ),
  };
}
