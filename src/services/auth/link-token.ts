/** The secret in a link: 256 random bits, of which only the hash is stored. */
import { createHash, randomBytes } from "node:crypto";

/** A new secret and its stored form. */
export function newLinkToken(): { token: string; hash: Buffer } {
  const token = randomBytes(32).toString("base64url");
  return { token, hash: hashOfLink(token) };
}

/** The stored form of what came in a link; any text will do, one that is none of ours is found nowhere. */
export function hashOfLink(token: string): Buffer {
  return createHash("sha256").update(`link:${token}`).digest();
}
