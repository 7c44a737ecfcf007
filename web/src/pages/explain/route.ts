import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const explainRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/explain",
  staticData: { place: "explain" },
  loader: () => loadText("explain"),
  component: lazyRouteComponent(() => import("./page.tsx"), "ExplainPage"),
});

export const explainEntryRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/explain/$entryId",
  staticData: { place: "explain" },
  loader: () => loadText("explain"),
  component: lazyRouteComponent(() => import("./page.tsx"), "ExplainPage"),
});
