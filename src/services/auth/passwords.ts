/**
 * Passwords: argon2id (RFC 9106) with 19 MiB and two passes, as OWASP recommends. A hash costs some 30 ms of a core, so
 * at most two run at once and a bounded number waits; beyond that the answer is "not now", not a slow death.
 */
import { hash, verify } from "@node-rs/argon2";
import { Refusal } from "../../platform/refusal.ts";

/** `algorithm` 2 is argon2id; the library's name for it is a const enum, which source that runs as it is cannot use. */
const cost = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

const MAX_AT_ONCE = 2;
const MAX_WAITING = 32;

let running = 0;
const waiting: (() => void)[] = [];

/** Runs `work` when one of the two places is free; refuses with `busy` when too many wait already. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= MAX_AT_ONCE) {
    if (waiting.length >= MAX_WAITING) {
      throw new Refusal("unavailable", "busy", "Too many people are signing in right now; try again in a moment.", {
        retryAfterSeconds: 2,
      });
    }
    // Who leaves hands the place over, so nobody can slip in between.
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running++;
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

/** The same characters typed on another keyboard are the same password (NIST SP 800-63B §3.1.1.2). */
const normal = (password: string) => password.normalize("NFKC");

/** The hash to store, in PHC form. */
export async function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(normal(password), cost));
}

let decoy: Promise<string> | undefined;

/**
 * Whether this is the password. `stored` is null when there is nothing to compare with: the same work is done against a
 * decoy, so that the time does not tell whether somebody exists.
 */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  decoy ??= hash("nobody has this password", cost);
  const against = stored ?? (await decoy);
  const same = await inTurn(() => verify(against, normal(password)));
  return stored !== null && same;
}
