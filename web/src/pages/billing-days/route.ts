import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const billingDaysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/billing-days",
  staticData: { place: "billing-days" },
  loader: () => loadText("billing-days", "money"),
  component: lazyRouteComponent(() => import("./page.tsx"), "BillingDaysPage"),
});

export const billingDayRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/billing-days/$period",
  staticData: { place: "billing-days" },
  loader: () => loadText("billing-days", "money", "payouts"),
  component: lazyRouteComponent(() => import("./day-page.tsx"), "BillingDayPage"),
});
