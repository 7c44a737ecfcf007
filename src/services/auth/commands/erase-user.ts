/** Name, login and address of somebody who left are forgotten, everywhere; what they did stays under their id. */
import { userErasedV1 } from "../../../contracts/auth/user.erased.v1.ts";
import { userUpdatedV1 } from "../../../contracts/auth/user.updated.v1.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx } from "../../../platform/service.ts";
import { endAllAccess } from "../access-ending.ts";
import { eraseCredentials, eraseInEvents, eraseState } from "../erasure-store.ts";
import { recordAudit } from "../security-audit.ts";
import { lockForChange } from "../user-store.ts";
import { showUser, userState } from "../users.ts";
import { revokeTokensOf } from "./personal-tokens.ts";

/** `eraseUser`: cannot be undone; done twice, nothing more happens. @throws Refusal `unknown-user`, `still-active` */
export async function eraseUser(ctx: CommandCtx, { params: { userId } }: { params: { userId: string } }) {
  const { user } = await lockForChange(ctx.sql, userId);
  if (!user) throw new Refusal("not-found", "unknown-user", "There is no such user.");
  if (user.status === "active") {
    throw new Refusal("conflict", "still-active", "Only somebody who was deactivated can be erased.");
  }
  const erased = await eraseState(ctx.sql, userId);
  if (!erased) return showUser(user);

  await endAllAccess(ctx.sql, userId);
  await revokeTokensOf(ctx, userId);
  await eraseCredentials(ctx.sql, user);
  await eraseInEvents(ctx.sql, erased);
  await recordAudit(ctx.sql, "user.erased", `user:${ctx.actor.userId}`, userId);
  ctx.emit(userUpdatedV1, userState(erased));
  ctx.emit(userErasedV1, { userId });
  return showUser(erased);
}
