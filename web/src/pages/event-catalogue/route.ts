import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

/** `event`: which one is shown, `task.created`; `version`: which of its versions. */
export type CatalogueSearch = { event?: string; version?: number; q?: string };

export const eventCatalogueRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/event-catalogue",
  staticData: { place: "event-catalogue" },
  validateSearch: (given: Record<string, unknown>): CatalogueSearch => ({
    ...(typeof given["event"] === "string" && { event: given["event"] }),
    ...(Number.isSafeInteger(Number(given["version"])) &&
      given["version"] !== undefined && { version: Number(given["version"]) }),
    ...(typeof given["q"] === "string" && given["q"] !== "" && { q: given["q"] }),
  }),
  loader: () => loadText("event-catalogue", "event-flow"),
  component: lazyRouteComponent(() => import("./page.tsx"), "EventCataloguePage"),
});
