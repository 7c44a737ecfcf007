import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { Query } from "../../api/every-of.ts";
import { shellRoute } from "../../app/shell-route.ts";
import { loadText } from "../../i18n/text.ts";

const statuses = ["redriven", "discarded"] as const satisfies readonly Query<"listDeadLetters">["status"][];
/** Without a status: those that are open. `letter`: whose details stand beside the list. */
export type LettersSearch = { status?: (typeof statuses)[number]; letter?: string };

export const deadLettersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/dead-letters",
  staticData: { place: "dead-letters" },
  validateSearch: (given: Record<string, unknown>): LettersSearch => {
    const status = statuses.find((one) => one === given["status"]);
    return { ...(status && { status }), ...(typeof given["letter"] === "string" && { letter: given["letter"] }) };
  },
  loader: () => loadText("dead-letters", "event-flow"),
  component: lazyRouteComponent(() => import("./page.tsx"), "DeadLettersPage"),
});
