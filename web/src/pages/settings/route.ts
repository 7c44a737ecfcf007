import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/settings",
  staticData: { place: "settings" },
  loader: () => loadText("settings", "absences"),
  component: lazyRouteComponent(() => import("./page.tsx"), "SettingsPage"),
});
