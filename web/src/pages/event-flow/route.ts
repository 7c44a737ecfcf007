import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

/** `service`: the one in focus; `source`, `type`, `except`: which events the table shows. */
export type FlowSearch = { service?: string; source?: string; type?: string; except?: string };

export const eventFlowRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/event-flow",
  staticData: { place: "event-flow" },
  validateSearch: (given: Record<string, unknown>): FlowSearch => {
    const text = (name: keyof FlowSearch) =>
      typeof given[name] === "string" && given[name] !== "" ? { [name]: given[name] } : {};
    return { ...text("service"), ...text("source"), ...text("type"), ...text("except") };
  },
  loader: () => loadText("event-flow"),
  component: lazyRouteComponent(() => import("./page.tsx"), "EventFlowPage"),
});
