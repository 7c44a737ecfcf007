import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { everyOf } from "../../api/every-of.ts";
import { shellRoute } from "../../app/shell-route.ts";
import type { Span } from "../../data/analytics.ts";
import { loadText } from "../../i18n/text.ts";

export const spans = everyOf<Span>({ day: 1, week: 1, month: 1 });
export type AnalyticsSearch = { day?: string; span?: Span };

export const analyticsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/analytics",
  staticData: { place: "analytics" },
  validateSearch: (search: Record<string, unknown>): AnalyticsSearch => ({
    ...(/^\d{4}-\d\d-\d\d$/.test(String(search["day"])) && { day: String(search["day"]) }),
    ...(spans.includes(search["span"] as Span) && { span: search["span"] as Span }),
  }),
  loader: () => loadText("analytics", "money"),
  component: lazyRouteComponent(() => import("./page.tsx"), "AnalyticsPage"),
});
