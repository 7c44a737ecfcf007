/** Every route says who may use it, or there is no start. */
import type { FastifyInstance } from "fastify";
import { openPaths, type Policy } from "../people/policy.ts";
import { isPolicy } from "./authorize.ts";

/** A route of the API and the policy that stands before it. */
export type RoutePolicy = { method: string; url: string; policy: Policy };

/**
 * From now on, registering a route that neither names a policy of the table nor lies below one of the open paths throws.
 * @returns the routes with a policy, growing as they are registered
 */
export function requirePolicies(server: FastifyInstance): readonly RoutePolicy[] {
  const known: RoutePolicy[] = [];
  server.addHook("onRoute", ({ url, method, config }) => {
    const policy = config?.policy;
    if (policy !== undefined && isPolicy(policy)) {
      for (const one of [method].flat()) known.push({ method: one, url, policy });
    } else if (policy !== undefined || !isOpen(url)) {
      throw new Error(`${[method].flat().join("/")} ${url} names no known policy: see src/people/policy.ts`);
    }
  });
  return known;
}

/** A path that ends in a slash stands for all below it, any other for itself, its parts and its query. */
function isOpen(url: string): boolean {
  // Everything is below "/", which opens itself only.
  return Object.keys(openPaths).some(
    (open) => url === open || (open !== "/" && url.startsWith(open.endsWith("/") ? open : `${open}/`)),
  );
}
