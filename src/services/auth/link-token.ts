/**
 * The secret in a link: 256 random bits, of which only the hash is stored. It stands behind the #, so that no server, proxy
 * or log sees it in an address; the page's script, or whoever has no script, sends it in a form.
 */
import { createHash, randomBytes } from "node:crypto";

/** A new secret and its stored form. */
export function newLinkToken(): { token: string; hash: Buffer } {
  const token = randomBytes(32).toString("base64url");
  return { token, hash: hashOfLink(token) };
}

/** Where links lead: to the pages before those on which a password is set. */
export const linkPaths = { join: "/join", reset: "/reset/link" } as const;

/** What is mailed or handed over. */
export const linkTo = (publicUrl: string, kind: keyof typeof linkPaths, token: string): string =>
  `${publicUrl}${linkPaths[kind]}#${token}`;

/** The stored form of what came in a link; any text will do, one that is none of ours is found nowhere. */
export function hashOfLink(token: string): Buffer {
  return createHash("sha256").update(`link:${token}`).digest();
}
