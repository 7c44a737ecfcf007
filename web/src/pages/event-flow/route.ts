import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const eventFlowRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/event-flow",
  staticData: { place: "event-flow" },
  loader: () => loadText("event-flow"),
  component: lazyRouteComponent(() => import("./page.tsx"), "EventFlowPage"),
});
