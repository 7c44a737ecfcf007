import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const kitchenRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/kitchen",
  loader: () => loadText("kitchen"),
  component: lazyRouteComponent(() => import("./page.tsx"), "KitchenPage"),
});
