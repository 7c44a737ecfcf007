/** Signing in by password. What comes back does not tell an unknown login from a wrong password, nor does the time. */
import type { Sql } from "../../platform/service.ts";
import { verifyPassword } from "./passwords.ts";
import type { Sealing } from "./sealing.ts";
import { recordAudit } from "./security-audit.ts";
import { countAttempt, findCredential, forgetAttempts } from "./sign-in-store.ts";

export type SignIn =
  | { outcome: "welcome"; userId: string }
  | { outcome: "refused" }
  | { outcome: "wait"; seconds: number };

/**
 * Checks a login and a password.
 * @throws Refusal `busy` when too many passwords are being checked
 */
export async function signIn(
  { sql, sealing }: { sql: Sql; sealing: Sealing },
  attempt: { login: string; password: string },
): Promise<SignIn> {
  const login = attempt.login.trim().toLowerCase();
  const loginHmac = sealing.name("login", login);
  const seconds = await countAttempt(sql, loginHmac);
  if (seconds > 0) return { outcome: "wait", seconds };

  const known = await findCredential(sql, login);
  const right = await verifyPassword(known?.passwordHash ?? null, attempt.password);
  if (!known || !right || !known.active) {
    await recordAudit(sql, "sign-in.failed", "system:sign-in", known?.userId ?? null);
    return { outcome: "refused" };
  }
  await forgetAttempts(sql, loginHmac);
  await recordAudit(sql, "sign-in.succeeded", `user:${known.userId}`, known.userId, { method: "password" });
  return { outcome: "welcome", userId: known.userId };
}
