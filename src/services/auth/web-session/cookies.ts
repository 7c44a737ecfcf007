/** Our cookies: all of them for this host only, over https (or on localhost), out of reach of scripts. */
import type { IncomingHttpHeaders } from "node:http";

/** The one cookie of a browser that is signed in. */
export const SESSION_COOKIE = "__Host-popug";
/** While somebody is on the way to the provider and back. */
export const SIGN_IN_COOKIE = "__Host-popug-sign-in";

/** The value of a cookie; undefined when it is not there, or there twice. */
export function cookieOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const values = (headers.cookie ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 && values[0] !== "" ? values[0] : undefined;
}

/**
 * A `Set-Cookie` line. Lax: the way back from a provider on another site is a navigation, which has to bring it.
 * @param seconds how long it lives; none: as long as the browser
 */
export function cookieLine(name: string, value: string, seconds?: number): string {
  const age = seconds === undefined ? "" : `; Max-Age=${seconds}`;
  return `${name}=${value}; Path=/; HttpOnly; Secure; SameSite=Lax${age}`;
}

/** A `Set-Cookie` line that removes a cookie. */
export const noCookieLine = (name: string) => cookieLine(name, "", 0);
