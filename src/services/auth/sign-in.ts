/** Signing in by password. What comes back does not tell an unknown login from a wrong password, nor does the time. */
import type { Sql } from "../../platform/service.ts";
import { sourceOf } from "../../platform/http/source.ts";
import { knownDevice } from "./known-device.ts";
import { verifyPassword } from "./passwords.ts";
import type { Sealing } from "./sealing.ts";
import { recordAudit } from "./security-audit.ts";
import { refundAttempt, spendAttempt } from "./sign-in-source.ts";
import { countAttempt, findCredential, forgetAttempts } from "./sign-in-store.ts";

export type SignIn =
  | { outcome: "welcome"; userId: string }
  | { outcome: "refused" }
  | { outcome: "wait"; seconds: number };

export type Attempt = {
  login: string;
  password: string;
  /** Where it comes from. */
  ip: string;
  /** What the browser shows for having been here before. */
  deviceCookie: string | undefined;
};

/** A login as it is stored, however it was typed. */
export const normalLogin = (typed: string) => typed.trim().toLowerCase();

/**
 * Checks a login and a password.
 * @throws Refusal `busy` when too many passwords are being checked
 */
export async function signIn({ sql, sealing }: { sql: Sql; sealing: Sealing }, attempt: Attempt): Promise<SignIn> {
  const login = normalLogin(attempt.login);
  const device = knownDevice(sealing, attempt.deviceCookie, login);
  const source = sealing.name("source", sourceOf(attempt.ip));
  // A device that is known counts for itself, so that nobody else can keep its owner out.
  const counter = device === undefined ? sealing.name("login", login) : sealing.name("device", `${device}:${login}`);
  const seconds = await countAttempt(sql, counter);
  if (seconds > 0) return { outcome: "wait", seconds };
  if (device === undefined) {
    const wait = await spendAttempt(sql, source);
    if (wait > 0) return { outcome: "wait", seconds: wait };
  }

  const known = await findCredential(sql, login);
  const right = await verifyPassword(known?.passwordHash ?? null, attempt.password);
  if (!known || !right || !known.active) {
    await recordAudit(sql, "sign-in.failed", "system:sign-in", known?.userId ?? null);
    return { outcome: "refused" };
  }
  await forgetAttempts(sql, counter);
  if (device === undefined) await refundAttempt(sql, source);
  await recordAudit(sql, "sign-in.succeeded", `user:${known.userId}`, known.userId, { method: "password" });
  return { outcome: "welcome", userId: known.userId };
}
