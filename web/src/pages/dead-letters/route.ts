import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const deadLettersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/dead-letters",
  staticData: { place: "dead-letters" },
  loader: () => loadText("dead-letters"),
  component: lazyRouteComponent(() => import("./page.tsx"), "DeadLettersPage"),
});
