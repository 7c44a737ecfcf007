import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const daysAwayRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/days-away",
  staticData: { place: "days-away" },
  loader: () => loadText("absences"),
  component: lazyRouteComponent(() => import("./page.tsx"), "DaysAwayPage"),
});
