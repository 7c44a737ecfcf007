/** The routes above all pages. A page's route has `getParentRoute: () => shellRoute`. */
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute } from "@tanstack/react-router";
import { clockQuery, meQuery } from "../data/people.ts";
import { myAccountQuery } from "../data/accounts.ts";
import type { Policy } from "../data/people.ts";
import type { PlaceName } from "./menu.ts";
import { Shell } from "./shell.tsx";
import { NotFound } from "./outcomes.tsx";

declare module "@tanstack/react-router" {
  interface StaticDataRouteOption {
    /** Which place of the menu the page belongs to; its policy guards the page. */
    place?: PlaceName;
    /** When it is another one than the place's. */
    policy?: Policy;
  }
}

export const rootRoute = createRootRouteWithContext<{ queries: QueryClient }>()({ notFoundComponent: NotFound });

export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  loader: async ({ context: { queries } }) => {
    void queries.prefetchQuery(myAccountQuery);
    // The clock knows of a demo, whose note stands above every page: it is there with the page, and moves nothing.
    await Promise.all([queries.ensureQueryData(meQuery), queries.prefetchQuery(clockQuery)]);
  },
  staleTime: Number.POSITIVE_INFINITY,
  component: Shell,
});
