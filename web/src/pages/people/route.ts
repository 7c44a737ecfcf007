import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const peopleRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/people",
  staticData: { place: "people" },
  loader: () => loadText("people"),
  component: lazyRouteComponent(() => import("./page.tsx"), "PeoplePage"),
});
