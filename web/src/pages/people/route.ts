import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { type Role, roles } from "../../data/people.ts";
import { loadText } from "../../i18n/text.ts";

/** `user`: whose details stand beside the list. */
export type PeopleSearch = { q?: string; role?: Role; status?: "inactive" | "all"; user?: string };

export const peopleRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/people",
  staticData: { place: "people" },
  validateSearch: (given: Record<string, unknown>): PeopleSearch => ({
    ...(typeof given["q"] === "string" && given["q"] !== "" && { q: given["q"] }),
    ...(roles.includes(given["role"] as Role) && { role: given["role"] as Role }),
    ...((given["status"] === "inactive" || given["status"] === "all") && { status: given["status"] }),
    ...(typeof given["user"] === "string" && { user: given["user"] }),
  }),
  loader: () => loadText("people", "security-audit", "absences"),
  component: lazyRouteComponent(() => import("./page.tsx"), "PeoplePage"),
});
