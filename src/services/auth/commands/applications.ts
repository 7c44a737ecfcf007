/** Somebody looks at what they let applications of others have, or takes it back. */
import { type Static, Type } from "typebox";
import { OneOf, Timestamp } from "../../../platform/contract.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx, QueryCtx } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import { endAccessOf } from "../access-ending.ts";
import { rights } from "../consent-page.ts";
import { deleteConsent, listConsents } from "../consent-store.ts";
import { nameOf } from "../relying-parties.ts";
import { recordAudit } from "../security-audit.ts";

export const WhichApplication = Type.Object({ clientId: Type.String({ minLength: 1, maxLength: 60 }) });

/** An application as somebody who let it in sees it. */
export const ApplicationView = Type.Object({
  clientId: Type.String(),
  name: Type.String(),
  rights: Type.Array(OneOf(rights)),
  givenAt: Timestamp,
});

/** `listMyApplications`. */
export async function listMyApplications(ctx: QueryCtx, settings: Pick<Settings, "relyingParties">) {
  const items = (await listConsents(ctx.sql, ctx.actor.userId)).map(
    ({ clientId, scopes, givenAt }): Static<typeof ApplicationView> => ({
      clientId,
      name: nameOf(settings, clientId),
      rights: rights.filter((right) => scopes.includes(right)),
      givenAt: givenAt.toISOString(),
    }),
  );
  return { items };
}

/**
 * `revokeMyApplication`: ends all that it holds; an access token that it has already lives for minutes.
 * @throws Refusal `unknown-application`
 */
export async function revokeMyApplication(ctx: CommandCtx, { params }: { params: Static<typeof WhichApplication> }) {
  const { userId } = ctx.actor;
  const { clientId } = params;
  if (!(await deleteConsent(ctx.sql, userId, clientId))) {
    throw new Refusal("not-found", "unknown-application", "You have let no such application in.");
  }
  await endAccessOf(ctx.sql, userId, clientId);
  await recordAudit(ctx.sql, "application.revoked", `user:${userId}`, userId, { clientId });
  return { revoked: true };
}
