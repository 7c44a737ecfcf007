/** The issuer's public keys, imported once and kept. */
import { type CryptoKey, importJWK, type JSONWebKeySet } from "jose";
import { Refusal } from "../platform/refusal.ts";

/** Has to give up by itself after some seconds: requests wait for it. */
export type LoadKeys = () => Promise<JSONWebKeySet>;

export type KeySource = {
  /**
   * The key of this id, or undefined. An unknown id asks the issuer again, but not more than once in 30 seconds whatever
   * arrives: made-up ids must not become requests.
   * @throws Refusal `keys-unavailable` when no keys could be had so far
   */
  find: (kid: string) => Promise<CryptoKey | undefined>;
};

export const ASK_AGAIN_AFTER_MS = 30_000;
/** A key that the issuer has withdrawn is dropped after this time at the latest. */
const KEEP_MS = 600_000;
const MAX_KEYS = 20;

/** @param askAgainAfterMs less where asking costs nothing, since the issuer is in this process */
export function createKeySource(load: LoadKeys, askAgainAfterMs: number = ASK_AGAIN_AFTER_MS): KeySource {
  let keys: Map<string, CryptoKey> | undefined;
  let loadedAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;

  const ask = async () => {
    askedAt = performance.now();
    try {
      keys = await importAll(await load());
      loadedAt = performance.now();
    } catch {
      // The keys that are known stay in use; `find` says so when there are none.
    } finally {
      asking = undefined;
    }
  };

  return {
    find: async (kid) => {
      const now = performance.now();
      const wanted = keys === undefined || !keys.has(kid) || now - loadedAt > KEEP_MS;
      // While there are no keys at all (the issuer is still starting), asking each second is right.
      const pause = keys === undefined ? Math.min(1_000, askAgainAfterMs) : askAgainAfterMs;
      if (wanted && (asking !== undefined || now - askedAt > pause)) {
        asking ??= ask();
        await asking;
      }
      if (keys === undefined) {
        throw new Refusal("unavailable", "keys-unavailable", "Sign-in is not available yet; try again in a moment.", {
          retryAfterSeconds: 1,
        });
      }
      return keys.get(kid);
    },
  };
}

async function importAll(set: JSONWebKeySet): Promise<Map<string, CryptoKey>> {
  const keys = new Map<string, CryptoKey>();
  for (const jwk of set.keys.slice(0, MAX_KEYS)) {
    if (jwk.kty !== "EC" || jwk.crv !== "P-256" || typeof jwk.kid !== "string" || (jwk.use ?? "sig") !== "sig")
      continue;
    const { kty, crv, x, y } = jwk;
    // Only the public coordinates: whatever else stands in the set is not ours to use.
    keys.set(jwk.kid, (await importJWK({ kty, crv, x, y } as never, "ES256")) as CryptoKey);
  }
  return keys;
}
