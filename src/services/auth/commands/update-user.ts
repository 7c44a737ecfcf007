/** Name, e-mail, language, roles or status of somebody change. Deactivation ends everything they hold, at once. */
import { type Static, Type } from "typebox";
import { userUpdatedV1 } from "../../../contracts/auth/user.updated.v1.ts";
import { OneOf } from "../../../platform/contract.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx } from "../../../platform/service.ts";
import { endAllAccess } from "../access-ending.ts";
import { revokeTokensOf } from "./personal-tokens.ts";
import { endLinks } from "../password-link-store.ts";
import { type AuditKind, recordAudit } from "../security-audit.ts";
import { lockForChange, saveChange } from "../user-store.ts";
import { decideChange, type Decision, showUser, type UserChange, userState } from "../users.ts";

/** `updateUser`. @throws Refusal `unknown-user`, `user-erased`, `own-roles`, `last-admin` */
export async function updateUser(ctx: CommandCtx, request: { params: { userId: string }; body: UserChange }) {
  const { userId } = request.params;
  const { user, isErased, otherActiveAdmins } = await lockForChange(ctx.sql, userId);
  if (!user) throw new Refusal("not-found", "unknown-user", "There is no such user.");
  if (isErased) {
    throw new Refusal("conflict", "user-erased", "What was known of this person was erased; nothing of it comes back.");
  }

  const decision = decideChange(user, request.body, { userId: ctx.actor.userId, otherActiveAdmins });
  if (decision.changed.length === 0) return showUser(user);

  const saved = await saveChange(ctx.sql, userId, decision);
  if (decision.endsAccess) {
    await endAllAccess(ctx.sql, userId);
    await revokeTokensOf(ctx, userId);
    await endLinks(ctx.sql, userId);
  }
  const { changed } = decision;
  await recordAudit(ctx.sql, auditKind(decision), `user:${ctx.actor.userId}`, userId, {
    changed,
    ...(changed.includes("roles") && { from: user.roles, to: saved.roles }),
  });

  ctx.emit(userUpdatedV1, userState(saved));
  return showUser(saved);
}

export const MailLanguage = Type.Object({ language: OneOf(["en", "ru"]) }, { additionalProperties: false });

/** `changeMyMailLanguage`: the one thing of their entry that people change themselves. */
export async function chooseMailLanguage(ctx: CommandCtx, { body }: { body: Static<typeof MailLanguage> }) {
  return await updateUser(ctx, { params: { userId: ctx.actor.userId }, body });
}

/** One entry per change; the gravest part of it gives the name. */
function auditKind({ changed, next }: Decision): AuditKind {
  if (changed.includes("status")) return next.status === "active" ? "user.reactivated" : "user.deactivated";
  return changed.includes("roles") ? "roles.changed" : "user.changed";
}
