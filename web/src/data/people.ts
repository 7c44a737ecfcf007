/** Who I am, what I may, and what time it is. */
import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { api, ask } from "../api/client.ts";
import { everyOf, type Query } from "../api/every-of.ts";
import { setClockOffset } from "../live/stream.ts";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => ask(api.GET("/api/me")),
  staleTime: Number.POSITIVE_INFINITY,
});

/** The person who is signed in. The shell has loaded them before anything is shown. */
export const useMe = () => useSuspenseQuery(meQuery).data;

export type Role = Query<"listUsers">["role"];
export const roles = everyOf<Role>({ worker: 1, manager: 1, accountant: 1, admin: 1 });

/** Who may see what, as far as the menu and the pages are concerned; the server decides for itself. */
export const policies = {
  everyone: roles,
  shuffle: ["manager", "admin"],
  accounts: ["accountant", "admin"],
  admin: ["admin"],
} as const satisfies Record<string, readonly Role[]>;
/** `drawn`: whoever the draws give tasks to. */
export type Policy = keyof typeof policies | "drawn";

export const may = (roles: readonly Role[], policy: Policy) => {
  if (policy === "drawn") return isDrawn(roles);
  return policy === "everyone" || roles.some((role) => (policies[policy] as readonly Role[]).includes(role));
};

/** Whether the person who is signed in may. */
export const useMay = (policy: Policy) => may(useMe().roles, policy);

/** Managers and admins are not drawn, so they have no tasks of their own. */
export const isDrawn = (roles: readonly Role[]) => !roles.some((role) => role === "manager" || role === "admin");

export const clockQuery = queryOptions({
  queryKey: ["clock"],
  queryFn: async () => {
    const before = Date.now();
    const clock = await ask(api.GET("/api/clock"));
    setClockOffset(Date.parse(clock.now) - (before + Date.now()) / 2);
    return clock;
  },
  staleTime: 60_000,
});

/** Whether this is a demo, in which anybody may be anybody. */
export const useIsDemo = () => useQuery(clockQuery).data?.demo === true;
