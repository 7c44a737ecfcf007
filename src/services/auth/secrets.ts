/**
 * The secrets of an installation, made on the first run: the keys that sign tokens and the key that seals what is stored.
 * Files belong to their owner only. Several processes may start at once: the first file written is everybody's.
 */
import { createECDH, hkdfSync, randomBytes } from "node:crypto";
import path from "node:path";
import { secretText } from "../../platform/secret-file.ts";
import { StartRefused } from "../../platform/start-refused.ts";
import type { SecretFiles } from "../../settings.ts";
import { keysAt, newSigningKey, parseSigningKeys, type SigningKey, type SigningKeys } from "./signing-keys.ts";
import { realTime } from "./provider-time.ts";

export type Secrets = {
  /** The keys when this was read: the first one signs, all of them are published. */
  signingKeys: SigningKeys;
  /** Makes names of stored things unreadable. */
  nameKey: Buffer;
  /** Seals contents of stored things. */
  sealingKey: Buffer;
  /** Signs the cookies of the sign-in. */
  cookieKey: string;
  /** With this the web application proves to the provider that it is itself. */
  webClientKey: SigningKey;
};

/**
 * Reads the secrets in `dir`, making what is missing.
 * @throws StartRefused when a file is readable for others or is not what it should be
 */
export async function loadSecrets(dir: string, files: SecretFiles = {}): Promise<Secrets> {
  const signingKeys = await parsed(
    await secretText(dir, "signing-keys.json", files.signingKeysFile, newSigningKeys),
    files.signingKeysFile ?? path.join(dir, "signing-keys.json"),
    (text) => keysAt(parseSigningKeys(text), Math.floor(realTime() / 1_000)),
  );
  const seed = await parsed(
    await secretText(dir, "sealing.key", files.sealingKeyFile, async () => randomBytes(32).toString("base64")),
    files.sealingKeyFile ?? path.join(dir, "sealing.key"),
    readSeed,
  );
  // One seed, one key per purpose.
  const derived = (purpose: string) => Buffer.from(hkdfSync("sha256", seed, "popug", purpose, 32));
  return {
    signingKeys,
    nameKey: derived("names of artefacts"),
    sealingKey: derived("contents of artefacts"),
    cookieKey: derived("cookies").toString("base64url"),
    webClientKey: keyFrom(derived("web client")),
  };
}

/** Where the signing keys of an installation are. */
export const signingKeysFile = (dir: string, files: SecretFiles = {}) =>
  files.signingKeysFile ?? path.join(dir, "signing-keys.json");

/** The P-256 key with this private number. */
function keyFrom(secret: Buffer): SigningKey {
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString("base64url")) as [
    string,
    string,
  ];
  return { kty: "EC", crv: "P-256", x, y, d: secret.toString("base64url"), kid: "web", alg: "ES256", use: "sig" };
}

async function newSigningKeys(): Promise<string> {
  return JSON.stringify({ keys: [await newSigningKey()] }, null, 2);
}

function readSeed(text: string): Buffer {
  const seed = Buffer.from(text.trim(), "base64");
  if (seed.length !== 32) throw new Error("it is not 32 bytes in base64");
  return seed;
}

async function parsed<T>(text: string, file: string, parse: (text: string) => T): Promise<T> {
  try {
    return parse(text);
  } catch (error) {
    throw new StartRefused(`The secret ${file} cannot be used: ${(error as Error).message}.`);
  }
}
