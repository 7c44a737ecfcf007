/** The way back in, for whoever owns the machine. */
import { userUpdatedV1 } from "../../contracts/auth/user.updated.v1.ts";
import type { JobTools } from "../../platform/service.ts";
import { newLinkToken } from "./link-token.ts";
import { insertLink } from "./password-link-store.ts";
import { recordAudit } from "./security-audit.ts";
import { findUserByLogin, lockForChange, saveChange } from "./user-store.ts";
import { decideChange, inOrder, userState } from "./users.ts";

/**
 * A link with which this person sets a new password, once, within the hour; undefined when nobody has the login, or only somebody who was erased. They are
 * made active; when there is no other active admin, they become one: otherwise nobody could ever let anybody in again.
 */
export async function makeRecoveryLink(
  { transact }: Pick<JobTools, "transact">,
  login: string,
): Promise<string | undefined> {
  const { token, hash } = newLinkToken();
  return transact("user.recover", "system:recovery", async (ctx) => {
    const found = await findUserByLogin(ctx.sql, login);
    if (found === undefined) return undefined;
    const { user, isErased, otherActiveAdmins } = await lockForChange(ctx.sql, found.userId);
    if (user === undefined || isErased) return undefined;
    const decision = decideChange(
      user,
      { status: "active", ...(otherActiveAdmins === 0 && { roles: inOrder([...user.roles, "admin"]) }) },
      { userId: null, otherActiveAdmins },
    );
    if (decision.changed.length > 0) {
      ctx.emit(userUpdatedV1, userState(await saveChange(ctx.sql, user.userId, decision)));
    }
    await insertLink(ctx.sql, user.userId, hash);
    await recordAudit(ctx.sql, "admin.recovered", "system:recovery", user.userId, { changed: decision.changed });
    return token;
  });
}
