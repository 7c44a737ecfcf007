/** Passwords change: by who knows the old one, or by who was given a link. Whatever was open before is closed by it. */
import { createHash } from "node:crypto";
import { type Static, Type } from "typebox";
import { userUpdatedV1 } from "../../../contracts/auth/user.updated.v1.ts";
import { OneOf, Timestamp } from "../../../platform/contract.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx, Ctx, JobTools, Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import { endAllAccess } from "../access-ending.ts";
import { hashOfLink, linkTo, newLinkToken } from "../link-token.ts";
import { endLinks, findCandidate, insertLink, queueSecretMail, useLink } from "../password-link-store.ts";
import { assertGoodPassword } from "../password-strength.ts";
import { hashPassword, verifyPassword } from "../passwords.ts";
import { type AuditKind, recordAudit } from "../security-audit.ts";
import { countAttempt, findCredential, forgetAttempts } from "../sign-in-store.ts";
import { findUser, renewAccess, savePassword } from "../user-store.ts";
import { Password, userState } from "../users.ts";
import { canMail, Handed } from "./invitations.ts";

/** What `changeMyPassword` takes. */
export const PasswordChange = Type.Object({
  old: Type.String({ maxLength: 128 }),
  new: Password,
});

/** A wrong password is an answer and no error: the attempt has to be remembered, and errors undo what was done. */
export const Confirmation = Type.Object({
  outcome: OneOf(["done", "wrong-password", "wait"]),
  waitSeconds: Type.Integer({ description: "with `wait`: too many wrong ones; try again after this time" }),
});

/**
 * `changeMyPassword`: ends all sessions of the person, this one too.
 * @throws Refusal `weak-password`, `no-password`, `busy`
 */
export async function changeMyPassword(
  ctx: CommandCtx,
  { body }: { body: Static<typeof PasswordChange> },
): Promise<Static<typeof Confirmation>> {
  const { userId, login, name } = ctx.actor;
  const confirmed = await confirmPassword(ctx.sql, ctx.actor, body.old);
  if (confirmed === "none") {
    throw new Refusal(
      "conflict",
      "no-password",
      "You sign in without a password; an admin can send you a link for one.",
    );
  }
  if (confirmed.outcome !== "done") return confirmed;
  // Judging takes its time, so only for who knows the old one.
  const user = await findUser(ctx.sql, userId);
  assertGoodPassword(body.new, [login, name, user?.email ?? ""], "body/new");
  await setPassword(ctx, userId, await hashPassword(body.new), "password.changed");
  return confirmed;
}

/**
 * Whether this is the password of whoever asks; slowed down like sign-ins, so that a session left open is no way to find
 * it out. `none`: they have no password.
 */
export async function confirmPassword(
  sql: Sql,
  person: { userId: string; login: string },
  password: string,
): Promise<Static<typeof Confirmation> | "none"> {
  const known = await findCredential(sql, person.login);
  if (!known?.passwordHash) return "none";
  const counter = createHash("sha256").update(`confirm:${person.userId}`).digest();
  const waitSeconds = await countAttempt(sql, counter);
  if (waitSeconds > 0) return { outcome: "wait", waitSeconds };
  if (!(await verifyPassword(known.passwordHash, password))) return { outcome: "wrong-password", waitSeconds: 0 };
  await forgetAttempts(sql, counter);
  return { outcome: "done", waitSeconds: 0 };
}

/** Stores the new password and ends every session and link; tokens for scripts stay, they have their own list. */
async function setPassword(ctx: Ctx, userId: string, passwordHash: string, kind: AuditKind): Promise<void> {
  const user = await renewAccess(ctx.sql, userId);
  await savePassword(ctx.sql, userId, passwordHash);
  await endAllAccess(ctx.sql, userId);
  await endLinks(ctx.sql, userId);
  await recordAudit(ctx.sql, kind, `user:${userId}`, userId);
  ctx.emit(userUpdatedV1, userState(user));
}

export const MadeLink = Type.Object({ expiresAt: Timestamp, ...Handed });

/** `makePasswordLink`: for somebody who cannot sign in. @throws Refusal `unknown-user` */
export async function makePasswordLink(
  ctx: CommandCtx,
  { params }: { params: { userId: string } },
  settings: Pick<Settings, "smtpUrl" | "publicUrl">,
): Promise<Static<typeof MadeLink>> {
  const user = await findUser(ctx.sql, params.userId);
  const mailed = canMail(settings, user?.email ?? "");
  const { token, hash } = newLinkToken();
  const link = await insertLink(ctx.sql, params.userId, mailed ? null : hash);
  if (!user || !link) throw new Refusal("not-found", "unknown-user", "There is no such active user.");
  if (mailed) await queueSecretMail(ctx.sql, "password", link.linkId);
  await recordAudit(ctx.sql, "password-link.made", `user:${ctx.actor.userId}`, user.userId, { mailed });
  return { expiresAt: link.expiresAt.toISOString(), link: mailed ? null : linkTo(settings.publicUrl, "reset", token) };
}

/**
 * Sets a new password by a link; of all who try with one, one gets through.
 * @returns false when the link is not good (any more)
 * @throws Refusal `weak-password`, `busy`
 */
export async function resetPassword(
  tools: Pick<JobTools, "transact" | "sql">,
  token: string,
  password: string,
): Promise<boolean> {
  const hash = hashOfLink(token);
  const candidate = await findCandidate(tools.sql, hash);
  if (!candidate) return false;
  assertGoodPassword(password, [candidate.login, candidate.name, candidate.email]);
  const passwordHash = await hashPassword(password);
  return tools.transact("user.update", "system:password-link", async (ctx) => {
    const userId = await useLink(ctx.sql, hash);
    if (userId === undefined) return false;
    await setPassword(ctx, userId, passwordHash, "password.reset");
    return true;
  });
}
