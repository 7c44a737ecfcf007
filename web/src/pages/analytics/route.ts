import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const analyticsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/analytics",
  staticData: { place: "analytics" },
  loader: () => loadText("analytics"),
  component: lazyRouteComponent(() => import("./page.tsx"), "AnalyticsPage"),
});
