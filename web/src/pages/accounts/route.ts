import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const accountsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/accounts",
  staticData: { place: "accounts" },
  loader: () => loadText("accounts"),
  component: lazyRouteComponent(() => import("./page.tsx"), "AccountsPage"),
});

export const accountOfRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/accounts/$userId",
  staticData: { place: "accounts" },
  loader: () => loadText("accounts", "account"),
  component: lazyRouteComponent(() => import("./page.tsx"), "AccountsPage"),
});
