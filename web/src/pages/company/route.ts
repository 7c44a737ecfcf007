import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

export const companyRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/company",
  staticData: { place: "company" },
  loader: () => loadText("company"),
  component: lazyRouteComponent(() => import("./page.tsx"), "CompanyPage"),
});
