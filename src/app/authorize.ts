/** Who comes with a request, and whether the policy table lets them pass. */
import type { Access } from "../people/access.ts";
import { policies, type Policy } from "../people/policy.ts";
import type { Authorize } from "../platform/http/server.ts";
import { Refusal } from "../platform/refusal.ts";
import type { Actor } from "../platform/service.ts";

/** The actor of requests that need no sign-in. */
const nobody: Actor = { userId: "00000000-0000-0000-0000-000000000000", login: "", name: "", roles: [] };

/** Whether the policy table has a row of this name. */
export function isPolicy(name: string): name is Policy {
  return name in policies;
}

/** Makes the check of all routes: the token by itself, then the person and their roles as the service knows them. */
export function createAuthorize(access: Access): Authorize {
  return async (request, policy, service) => {
    if (!isPolicy(policy)) throw new Error(`no such policy: ${policy}`);
    const allowed: "anonymous" | readonly string[] = policies[policy];
    if (allowed === "anonymous") return nobody;
    const actor = await access.authenticate(request.headers.authorization, service.sql);
    if (!actor.roles.some((role) => allowed.includes(role))) {
      throw new Refusal("forbidden", "not-allowed", "Your roles do not allow this.");
    }
    return actor;
  };
}
