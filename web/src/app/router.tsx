/** Every route of the app. A page is one folder: `route.ts` (small, loaded at once) and `page.tsx` (loaded when wanted). */
import { createRoute, createRouter, redirect } from "@tanstack/react-router";
import { meQuery } from "../data/people.ts";
import { queries } from "../data/queries.ts";
import { accountOfRoute, accountRoute } from "../pages/account/route.ts";
import { accountsRoute } from "../pages/accounts/route.ts";
import { analyticsRoute } from "../pages/analytics/route.ts";
import { billingDayRoute, billingDaysRoute } from "../pages/billing-days/route.ts";
import { companyRoute } from "../pages/company/route.ts";
import { companySettingsRoute } from "../pages/company-settings/route.ts";
import { daysAwayRoute } from "../pages/days-away/route.ts";
import { deadLettersRoute } from "../pages/dead-letters/route.ts";
import { eventCatalogueRoute } from "../pages/event-catalogue/route.ts";
import { eventFlowRoute } from "../pages/event-flow/route.ts";
import { explainEntryRoute, explainRoute } from "../pages/explain/route.ts";
import { mailsRoute } from "../pages/mails/route.ts";
import { myTasksRoute } from "../pages/my-tasks/route.ts";
import { peopleRoute } from "../pages/people/route.ts";
import { securityAuditRoute } from "../pages/security-audit/route.ts";
import { settingsRoute } from "../pages/settings/route.ts";
import { newTaskRoute, taskRoute, tasksRoute } from "../pages/tasks/route.ts";
import { homeOf } from "./menu.ts";
import { PageError, PagePending } from "./outcomes.tsx";
import { rootRoute, shellRoute } from "./shell-route.ts";

const homeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  beforeLoad: async ({ context }) => {
    const me = await context.queries.ensureQueryData(meQuery);
    // How this router is told to go elsewhere.
    // oxlint-disable-next-line only-throw-error
    throw redirect({ to: homeOf(me.roles), replace: true });
  },
});

const pages = [
  homeRoute,
  myTasksRoute,
  tasksRoute.addChildren([newTaskRoute, taskRoute]),
  accountRoute,
  companyRoute,
  accountsRoute,
  accountOfRoute,
  billingDaysRoute,
  billingDayRoute,
  analyticsRoute,
  peopleRoute,
  daysAwayRoute,
  securityAuditRoute,
  eventFlowRoute,
  eventCatalogueRoute,
  deadLettersRoute,
  explainRoute,
  explainEntryRoute,
  mailsRoute,
  companySettingsRoute,
  settingsRoute,
  // The gallery of the kit; no part of what is built.
  ...(import.meta.env.DEV ? [(await import("../pages/kitchen/route.ts")).kitchenRoute] : []),
] as const;

export const router = createRouter({
  routeTree: rootRoute.addChildren([shellRoute.addChildren(pages)]),
  context: { queries },
  defaultPreload: "intent",
  // TanStack Query decides what is fresh.
  defaultPreloadStaleTime: 0,
  defaultPendingMs: 150,
  defaultPendingMinMs: 200,
  defaultErrorComponent: PageError,
  defaultPendingComponent: PagePending,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
