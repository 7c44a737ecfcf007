import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const accountRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/account",
  staticData: { place: "account" },
  loader: () => loadText("account"),
  component: lazyRouteComponent(() => import("./page.tsx"), "AccountPage"),
});
