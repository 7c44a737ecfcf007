/**
 * Which keys sign and which are published, over time. A new key is published before it signs, so that everybody has seen
 * it; an old one stays published after its last signature, until nothing that it signed is still good.
 */
import { randomBytes } from "node:crypto";
import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose";
import { LocalRefusal } from "../../platform/refusal.ts";
import { realTime } from "./provider-time.ts";

/** A private ES256 key with its id. */
export type SigningKey = JWK & {
  kid: string;
  /** Seconds since 1970 from which it signs; none: from the beginning. */
  from?: number;
};

/** The first one signs; all of them are published. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]];

/** Longer than any verifier waits before it asks again for the keys (30 s). */
export const PUBLISHED_BEFORE_SECONDS = 120;
/** Longer than any token lives (300 s), with the tolerance of verifiers. */
export const PUBLISHED_AFTER_SECONDS = 600;

/** Makes a signing key; its id is its thumbprint (RFC 7638). */
export async function newSigningKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: "ES256", use: "sig" };
}

/** Reads the file's text. @throws Error when it is not a list of private ES256 keys */
export function parseSigningKeys(text: string): SigningKeys {
  const { keys } = JSON.parse(text) as { keys?: Partial<SigningKey>[] };
  const [first, ...others] = keys ?? [];
  if (!first) throw new Error("it holds no key");
  for (const key of [first, ...others]) {
    if (key.kty !== "EC" || key.crv !== "P-256" || !key.d || !key.kid)
      throw new Error("a key is not a private ES256 key");
  }
  return [first as SigningKey, ...(others as SigningKey[])];
}

/** The keys of an instant: the one that signs first, then the others that are to be published. */
export function keysAt(keys: SigningKeys, nowSeconds: number): SigningKeys {
  const byAge = keys.toSorted((a, b) => (a.from ?? 0) - (b.from ?? 0));
  const signs = byAge.findLastIndex((key) => (key.from ?? 0) <= nowSeconds);
  const signer = byAge[Math.max(0, signs)] as SigningKey;
  const others = byAge.filter((key, at) => {
    const successor = byAge[at + 1];
    return key !== signer && (successor === undefined || (successor.from ?? 0) > nowSeconds - PUBLISHED_AFTER_SECONDS);
  });
  return [signer, ...others];
}

/**
 * The keys after a rotation that begins now: without those that nothing depends on any more, with a fresh one that will
 * sign in two minutes.
 * @throws Refusal `rotation-under-way` while the last rotation's key does not sign yet
 */
export function rotated(keys: SigningKeys, fresh: SigningKey, nowSeconds: number): SigningKeys {
  if (keys.some((key) => (key.from ?? 0) > nowSeconds)) {
    throw new LocalRefusal(
      "conflict",
      "rotation-under-way",
      "A new key is about to be used already; wait for two minutes.",
    );
  }
  return [...keysAt(keys, nowSeconds), { ...fresh, from: nowSeconds + PUBLISHED_BEFORE_SECONDS }];
}

/** Rotates the keys in a file; every process that uses it follows by itself. @throws Refusal `rotation-under-way` */
export async function rotateKeyFile(file: string, nowSeconds: number): Promise<SigningKeys> {
  const next = rotated(parseSigningKeys(await readFile(file, "utf8")), await newSigningKey(), nowSeconds);
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, JSON.stringify({ keys: next }, null, 2), { mode: 0o600, flag: "wx", flush: true });
  await rename(draft, file);
  return next;
}

export type KeyRing = {
  /** The keys of this moment; the same object while nothing changed. Looks at the file at most once a second. */
  current: () => Promise<SigningKeys>;
};

const LOOK_EVERY_MS = 1_000;

/** Follows a file of keys. While it cannot be read, what was read last stays in use. */
export function openKeyRing(file: string, first: SigningKeys): KeyRing {
  let all = first;
  let version = "";
  let lookedAt = Number.NEGATIVE_INFINITY;
  let current = first;

  const look = async () => {
    const { mtimeMs, size, ino } = await stat(file);
    const now = `${mtimeMs} ${size} ${ino}`;
    if (now === version) return;
    all = parseSigningKeys(await readFile(file, "utf8"));
    version = now;
  };
  return {
    current: async () => {
      if (performance.now() - lookedAt > LOOK_EVERY_MS) {
        lookedAt = performance.now();
        await look().catch(() => {});
        const next = keysAt(all, Math.floor(realTime() / 1_000));
        if (String(next.map((key) => key.kid)) !== String(current.map((key) => key.kid))) current = next;
      }
      return current;
    },
  };
}
