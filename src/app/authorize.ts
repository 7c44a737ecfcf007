/** Who comes with a request, and whether the policy table lets them pass. */
import type { Access } from "../people/access.ts";
import { allows, coveredBy, isForPeopleOnly, policies, type Policy } from "../people/policy.ts";
import type { Authorize } from "../platform/http/server.ts";
import { Refusal } from "../platform/refusal.ts";
import type { Actor } from "../platform/service.ts";
import type { WebSessions } from "../services/auth/web-session/sessions.ts";

/** The actor of requests that need no sign-in. */
const nobody: Actor = { userId: "00000000-0000-0000-0000-000000000000", login: "", name: "", roles: [] };

/** Whether the policy table has a row of this name. */
export function isPolicy(name: string): name is Policy {
  return Object.hasOwn(policies, name);
}

/** Told when a personal access token was let in; must not fail and is not waited for. */
export type OnTokenUse = (tokenId: string) => void;

/**
 * Makes the check of all routes: the token by itself, then the person and their roles as the service knows them. A
 * personal access token passes where its owner does and its scopes say so; an application of others, where not people alone do.
 */
export function createAuthorize(
  access: Access,
  onTokenUse: OnTokenUse = () => {},
  sessions?: Pick<WebSessions, "authorizationOf">,
): Authorize {
  return async (request, policy, service) => {
    if (!isPolicy(policy)) throw new Error(`no such policy: ${policy}`);
    if (allows(policy, null)) return nobody;
    const { authorization } = request.headers;
    // A token that is brought counts, whatever cookie comes with it.
    const session = authorization === undefined ? await sessions?.authorizationOf(request) : undefined;
    const identity = await access.authenticate(session?.authorization ?? authorization, service.sql);
    const { token, application, ...actor } = { ...identity, ...(session && { sessionId: session.sessionId }) };
    const { userId } = actor;
    if (!allows(policy, actor.roles)) {
      if (actor.suspended && allows(policy, [...actor.roles, ...actor.suspended])) {
        throw new Refusal(
          "forbidden",
          "passkey-needed",
          "This needs a sign-in with a passkey; add one, then come back.",
          { userId },
        );
      }
      throw new Refusal("forbidden", "not-allowed", "Your roles do not allow this.", { userId });
    }
    // What a session holds was issued to us, also where another provider's token does not say so.
    if (application !== undefined && session === undefined && isForPeopleOnly(policy)) {
      throw new Refusal(
        "forbidden",
        "scope-missing",
        "No application does this in your name; sign in to Popug itself.",
        { userId },
      );
    }
    if (token !== undefined) {
      if (!coveredBy(policy, token.scopes)) {
        throw new Refusal("forbidden", "scope-missing", "This personal access token was not made for this.", {
          userId,
        });
      }
      onTokenUse(token.tokenId);
      return { ...actor, scopes: token.scopes };
    }
    return actor;
  };
}
