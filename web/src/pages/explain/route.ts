import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

/** `task`: its id; `trace`: the id of an event or of a correlation. */
export type ExplainSearch = { task?: string; trace?: string };

const load = () => loadText("explain", "event-flow");
const validateSearch = (given: Record<string, unknown>): ExplainSearch => ({
  ...(typeof given["task"] === "string" && { task: given["task"] }),
  ...(typeof given["trace"] === "string" && { trace: given["trace"] }),
});

export const explainRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/explain",
  staticData: { place: "explain" },
  validateSearch,
  loader: load,
  component: lazyRouteComponent(() => import("./page.tsx"), "ExplainPage"),
});

export const explainEntryRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/explain/$entryId",
  staticData: { place: "explain" },
  loader: load,
  component: lazyRouteComponent(() => import("./entry-page.tsx"), "ExplainEntryPage"),
});
