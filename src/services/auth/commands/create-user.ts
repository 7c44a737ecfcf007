/** Somebody joins the company. */
import { v7 as uuidv7 } from "uuid";
import { userCreatedV1 } from "../../../contracts/auth/user.created.v1.ts";
import type { ActorName } from "../../../platform/event.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx, Ctx } from "../../../platform/service.ts";
import { assertGoodPassword } from "../password-strength.ts";
import { hashPassword } from "../passwords.ts";
import { recordAudit } from "../security-audit.ts";
import { insertUser, savePassword } from "../user-store.ts";
import { inOrder, type NewUser, showUser, type User, userState } from "../users.ts";

/** `createUser`. @throws Refusal `login-taken`, `weak-password` */
export async function createUser(ctx: CommandCtx, { body }: { body: NewUser }) {
  return showUser(await addUser(ctx, body, `user:${ctx.actor.userId}`));
}

/**
 * Adds a user and tells it. Without a password they cannot sign in by themselves yet.
 * @param passwordHash instead of a password that was judged and hashed before the transaction
 * @throws Refusal `login-taken`, `weak-password`
 */
export async function addUser(ctx: Ctx, wanted: NewUser, by: ActorName, passwordHash?: string): Promise<User> {
  const { password } = wanted;
  if (password !== undefined) assertGoodPassword(password, [wanted.login, wanted.name, wanted.email ?? ""]);
  const user = await insertUser(ctx.sql, {
    userId: uuidv7(),
    login: wanted.login,
    name: wanted.name.trim(),
    email: wanted.email ?? "",
    roles: inOrder(wanted.roles ?? ["worker"]),
    language: wanted.language ?? "en",
    createdAt: ctx.now,
  });
  if (!user) {
    throw new Refusal("conflict", "login-taken", `The login "${wanted.login}" is taken; logins are never given twice.`);
  }
  const hash = passwordHash ?? (password === undefined ? undefined : await hashPassword(password));
  if (hash !== undefined) await savePassword(ctx.sql, user.userId, hash);
  await recordAudit(ctx.sql, "user.created", by, user.userId, { roles: user.roles });
  ctx.emit(userCreatedV1, userState(user));
  return user;
}
