/** Linking people with another OpenID provider of the company, by an admin. */
import { Type } from "typebox";
import { identityOf } from "../../people/identity.ts";
import { Uuid } from "../../platform/contract.ts";
import { command, type Route } from "../../platform/http/route.ts";
import { Refusal } from "../../platform/refusal.ts";
import type { Settings } from "../../settings.ts";
import { link } from "./identities.ts";
import { recordAudit } from "./security-audit.ts";
import { findUser } from "./user-store.ts";

const Linked = Type.Object({ userId: Uuid, issuer: Type.String(), subject: Type.String() });

/** The routes; without another provider there is nothing to link with. */
export const identityRoutes = ({ otherProvider }: Settings): readonly Route[] => [
  command({
    operationId: "linkUser",
    command: "user.link",
    method: "POST",
    path: "/users/:userId/identities",
    policy: "people",
    summary: "Say which subject of the company's other provider a user is; a subject is linked once and for ever.",
    params: Type.Object({ userId: Uuid }),
    body: Type.Object({ subject: Type.String({ minLength: 1, maxLength: 255 }) }, { additionalProperties: false }),
    response: Linked,
    handle: async (ctx, { params: { userId }, body: { subject } }) => {
      if (!(await findUser(ctx.sql, userId))) throw new Refusal("not-found", "unknown-user", "There is no such user.");
      if (otherProvider === null) {
        throw new Refusal("conflict", "no-other-provider", "No other provider is set up here.");
      }
      await link(ctx, userId, identityOf(otherProvider.issuer, subject));
      await recordAudit(ctx.sql, "sign-in.linked", `user:${ctx.actor.userId}`, userId);
      return { userId, issuer: otherProvider.issuer, subject };
    },
  }),
];
