import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const eventCatalogueRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/event-catalogue",
  staticData: { place: "event-catalogue" },
  loader: () => loadText("event-catalogue"),
  component: lazyRouteComponent(() => import("./page.tsx"), "EventCataloguePage"),
});
