/**
 * Passwords that are known from leaks (NIST SP 800-63B §3.1.1.2, ASVS 6.2.12), looked up on this machine: nothing of a
 * password may leave it. Only those that our other rules let through, so such as are long enough.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** Of a hash, enough that among as many as there are no two meet, and that one in billions is taken for another. */
const BYTES = 6;

/** Written by `src/app/pack-leaked-passwords.ts`. */
export const LEAKED_FILE = new URL("./leaked-passwords.bin", import.meta.url);

let packed: Buffer | undefined;

/** Whether somebody has used it already and lost it, in whatever case they typed it. */
export function isLeaked(password: string): boolean {
  // Read on the first use, as few processes ever need it.
  packed ??= readFileSync(LEAKED_FILE);
  return contains(packed, password);
}

/** The passwords as they are looked up: the beginnings of their hashes, in order, each once. */
export function packLeaked(passwords: Iterable<string>): Buffer {
  const all = new Set<number>();
  for (const password of passwords) all.add(keyOf(password));
  const packed = Buffer.alloc(all.size * BYTES);
  for (const [at, key] of [...all].sort((a, b) => a - b).entries()) packed.writeUIntBE(key, at * BYTES, BYTES);
  return packed;
}

/** Whether a password is among the packed ones. */
export function contains(packed: Buffer, password: string): boolean {
  const wanted = keyOf(password);
  let from = 0;
  let to = packed.length / BYTES;
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (packed.readUIntBE(middle * BYTES, BYTES) < wanted) from = middle + 1;
    else to = middle;
  }
  return from * BYTES < packed.length && packed.readUIntBE(from * BYTES, BYTES) === wanted;
}

function keyOf(password: string): number {
  return createHash("sha256").update(folded(password)).digest().readUIntBE(0, BYTES);
}

/**
 * One spelling of all that differ by case or form. Through capitals, since some small letters share one (σ and ς, ß and ss), and
 * normalized at both ends, since letters of compatibility (ϲ, Ϲ) are of other cases than what they stand for.
 */
export const folded = (password: string): string =>
  password.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase().normalize("NFKC");
