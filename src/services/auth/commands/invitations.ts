/** Admins invite; whoever is invited sets their own password and becomes a user by that. */
import { type Static, Type } from "typebox";
import { v7 as uuidv7 } from "uuid";
import { Nullable, OneOf, Timestamp, Uuid } from "../../../platform/contract.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx, JobTools, QueryCtx, Sql } from "../../../platform/service.ts";
import { roles } from "../../../people/policy.ts";
import type { Settings } from "../../../settings.ts";
import {
  acceptInvitation,
  findByToken,
  findPending,
  insertInvitation,
  type Invitation,
  listPending,
  renewInvitation,
  revokeInvitation,
} from "../invitation-store.ts";
import { hashOfLink, linkTo, newLinkToken } from "../link-token.ts";
import { queueSecretMail } from "../password-link-store.ts";
import { assertGoodPassword } from "../password-strength.ts";
import { recordAudit } from "../security-audit.ts";
import { hashPassword } from "../passwords.ts";
import { inOrder, NewUser, type User } from "../users.ts";
import { addUser } from "./create-user.ts";

const { password: _, ...person } = NewUser.properties;
/** What `inviteUser` takes: a new user without a password. */
export const NewInvitation = Type.Object(person, { additionalProperties: false });

/** An invitation as admins see it. */
export const InvitationView = Type.Object({
  invitationId: Uuid,
  login: Type.String(),
  name: Type.String(),
  email: Type.String(),
  roles: Type.Array(OneOf(roles)),
  language: OneOf(["en", "ru"]),
  createdAt: Timestamp,
  expiresAt: Timestamp,
});

/** Either it is mailed, or whoever invites hands the link over. */
export const Handed = {
  link: Nullable(Type.String({ description: "shown once; null: it is on its way by mail" })),
};

const show = (invitation: Invitation): Static<typeof InvitationView> => ({
  ...invitation,
  createdAt: invitation.createdAt.toISOString(),
  expiresAt: invitation.expiresAt.toISOString(),
});

/** Whether a link can go by mail; otherwise it is shown to the admin who asked for it, once. */
export function canMail(settings: Pick<Settings, "smtpUrl">, email: string): boolean {
  return settings.smtpUrl !== null && email !== "";
}

/** `inviteUser`. @throws Refusal `login-taken` */
export async function inviteUser(
  ctx: CommandCtx,
  { body }: { body: Static<typeof NewInvitation> },
  settings: Pick<Settings, "smtpUrl" | "publicUrl">,
) {
  const email = body.email ?? "";
  const mailed = canMail(settings, email);
  const { token, hash } = newLinkToken();
  const invitation = await insertInvitation(ctx.sql, {
    invitationId: uuidv7(),
    login: body.login,
    name: body.name.trim(),
    email,
    roles: inOrder(body.roles ?? ["worker"]),
    language: body.language ?? "en",
    invitedBy: ctx.actor.userId,
    tokenHash: mailed ? null : hash,
  });
  if (!invitation) {
    throw new Refusal(
      "conflict",
      "login-taken",
      `The login "${body.login}" is taken, or somebody was invited with it.`,
    );
  }
  if (mailed) await queueSecretMail(ctx.sql, "invitation", invitation.invitationId);
  await recordAudit(ctx.sql, "invitation.made", `user:${ctx.actor.userId}`, null, {
    invitationId: invitation.invitationId,
    roles: invitation.roles,
    mailed,
  });
  return { ...show(invitation), link: mailed ? null : linkTo(settings.publicUrl, "join", token) };
}

/**
 * `resendInvitation`: a new link with all its time before it, mailed or shown once; the link before is good no more.
 * @throws Refusal `unknown-invitation`
 */
export async function resendInvitation(
  ctx: CommandCtx,
  { params: { invitationId } }: { params: { invitationId: string } },
  settings: Pick<Settings, "smtpUrl" | "publicUrl">,
) {
  const { token, hash } = newLinkToken();
  const before = await findPending(ctx.sql, invitationId);
  const mailed = before !== undefined && canMail(settings, before.email);
  const invitation = before && (await renewInvitation(ctx.sql, invitationId, mailed ? null : hash));
  if (!invitation) throw unknownInvitation();
  if (mailed) await queueSecretMail(ctx.sql, "invitation", invitationId);
  await recordAudit(ctx.sql, "invitation.resent", `user:${ctx.actor.userId}`, null, { invitationId, mailed });
  return { ...show(invitation), link: mailed ? null : linkTo(settings.publicUrl, "join", token) };
}

const unknownInvitation = () =>
  new Refusal("not-found", "unknown-invitation", "There is no such invitation that could still be accepted.");

/** `listInvitations`: those that may still be accepted, newest first. */
export async function listInvitations(ctx: QueryCtx) {
  return { items: (await listPending(ctx.sql)).map(show) };
}

/** `revokeInvitation`. @throws Refusal `unknown-invitation` */
export async function revokeOneInvitation(ctx: CommandCtx, { params }: { params: { invitationId: string } }) {
  if (!(await revokeInvitation(ctx.sql, params.invitationId))) {
    throw unknownInvitation();
  }
  await recordAudit(ctx.sql, "invitation.revoked", `user:${ctx.actor.userId}`, null, {
    invitationId: params.invitationId,
  });
  return { revoked: true };
}

/** Who is invited by a link; undefined when it is used, revoked, expired or none of ours. */
export async function invitedBy(sql: Sql, token: string): Promise<Invitation | undefined> {
  return findByToken(sql, hashOfLink(token));
}

/**
 * Makes the invited person a user with the password of their choice; of all who try with one link, one gets through.
 * @returns undefined when the link is not good (any more)
 * @throws Refusal `weak-password`, `login-taken`, `busy`
 */
export async function join(tools: Pick<JobTools, "transact" | "sql">, token: string, password: string) {
  const hash = hashOfLink(token);
  const invitation = await findByToken(tools.sql, hash);
  if (!invitation) return undefined;
  assertGoodPassword(password, [invitation.login, invitation.name, invitation.email]);
  const passwordHash = await hashPassword(password);
  return tools.transact("user.create", "system:invitation", async (ctx): Promise<User | undefined> => {
    const taken = await acceptInvitation(ctx.sql, hash);
    if (!taken) return undefined;
    const { invitationId, login, name, email, roles: given, language } = taken;
    const user = await addUser(ctx, { login, name, email, roles: given, language }, "system:invitation", passwordHash);
    await recordAudit(ctx.sql, "invitation.accepted", `user:${user.userId}`, user.userId, { invitationId });
    return user;
  });
}
