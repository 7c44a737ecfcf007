/**
 * The secrets of an installation, made on the first run: the keys that sign tokens and the key that seals what is stored.
 * Files belong to their owner only. Several processes may start at once: the first file written is everybody's.
 */
import { hkdfSync, randomBytes } from "node:crypto";
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose";
import { StartRefused } from "../../platform/start-refused.ts";

/** A private ES256 key with its id. */
export type SigningKey = JWK & { kid: string };

export type Secrets = {
  /** The first one signs; all of them are published, so that what an older one signed stays good until it expires. */
  signingKeys: readonly [SigningKey, ...SigningKey[]];
  /** Makes names of stored things unreadable. */
  nameKey: Buffer;
  /** Seals contents of stored things. */
  sealingKey: Buffer;
  /** Signs the cookies of the sign-in. */
  cookieKey: string;
};

/** Where the secrets are when not in the folder of the installation (mounted by an orchestrator, say). */
export type SecretFiles = { signingKeysFile?: string | undefined; sealingKeyFile?: string | undefined };

/**
 * Reads the secrets in `dir`, making what is missing.
 * @throws StartRefused when a file is readable for others or is not what it should be
 */
export async function loadSecrets(dir: string, files: SecretFiles = {}): Promise<Secrets> {
  const signingKeys = await parsed(
    await secretText(dir, "signing-keys.json", files.signingKeysFile, newSigningKeys),
    files.signingKeysFile ?? path.join(dir, "signing-keys.json"),
    readSigningKeys,
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
  };
}

/** Makes a signing key; its id is its thumbprint (RFC 7638). */
export async function newSigningKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: "ES256", use: "sig" };
}

async function newSigningKeys(): Promise<string> {
  return JSON.stringify({ keys: [await newSigningKey()] }, null, 2);
}

function readSigningKeys(text: string): Secrets["signingKeys"] {
  const { keys } = JSON.parse(text) as { keys?: Partial<SigningKey>[] };
  const [first, ...others] = keys ?? [];
  if (!first) throw new Error("it holds no key");
  for (const key of [first, ...others]) {
    if (key.kty !== "EC" || key.crv !== "P-256" || !key.d || !key.kid)
      throw new Error("a key is not a private ES256 key");
  }
  return [first as SigningKey, ...(others as SigningKey[])];
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

async function secretText(
  dir: string,
  name: string,
  elsewhere: string | undefined,
  make: () => Promise<string>,
): Promise<string> {
  if (elsewhere !== undefined) {
    return readFile(elsewhere, "utf8").catch((error: Error) => {
      throw new StartRefused(`The secret ${elsewhere} cannot be read: ${error.message}.`);
    });
  }
  const file = path.join(dir, name);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const found = await readIfThere(file);
  if (found !== undefined) {
    await assertPrivate(file);
    return found;
  }
  // Written whole beside its place and linked there: nobody reads half a file, and the first to link it wins.
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, await make(), { mode: 0o600, flag: "wx", flush: true });
  await chmod(draft, 0o600);
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, "utf8");
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function assertPrivate(file: string): Promise<void> {
  // Windows has no such permissions; there the folder's own rights decide.
  if (process.platform === "win32") return;
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0) {
    throw new StartRefused(`The secret ${file} can be read by others; "chmod 600" it, or replace it if they may have.`);
  }
}
