import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

/**
 * `service`: the one in focus; `source`, `type`, `except`: which events the table shows; `from`, `until`: of which time,
 * as the reader's clock says it (`2026-11-25T14:30`).
 */
export type FlowSearch = {
  service?: string;
  source?: string;
  type?: string;
  except?: string;
  from?: string;
  until?: string;
};

const local = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;

export const eventFlowRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/event-flow",
  staticData: { place: "event-flow" },
  validateSearch: (given: Record<string, unknown>): FlowSearch => {
    const text = (name: keyof FlowSearch) =>
      typeof given[name] === "string" && given[name] !== "" ? { [name]: given[name] } : {};
    const time = (name: "from" | "until") => (local.test(String(given[name])) ? { [name]: String(given[name]) } : {});
    return {
      ...{ ...text("service"), ...text("source"), ...text("type"), ...text("except") },
      ...{ ...time("from"), ...time("until") },
    };
  },
  loader: () => loadText("event-flow"),
  component: lazyRouteComponent(() => import("./page.tsx"), "EventFlowPage"),
});
