import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const companySettingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/company-settings",
  staticData: { place: "company-settings" },
  loader: () => loadText("company-settings"),
  component: lazyRouteComponent(() => import("./page.tsx"), "CompanySettingsPage"),
});
