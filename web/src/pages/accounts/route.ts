import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { type AccountOrder, accountOrders } from "../../data/money.ts";
import { loadText } from "../../i18n/text.ts";

export type AccountsSearch = { sort?: AccountOrder; negative?: true; q?: string };

export const accountsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/accounts",
  staticData: { place: "accounts" },
  validateSearch: (search: Record<string, unknown>): AccountsSearch => ({
    ...(accountOrders.includes(search["sort"] as AccountOrder) && { sort: search["sort"] as AccountOrder }),
    ...(search["negative"] === true && { negative: true as const }),
    // What looks like a number comes as one.
    ...((typeof search["q"] === "string" || typeof search["q"] === "number") && { q: `${search["q"]}` }),
  }),
  loader: () => loadText("accounts", "money"),
  component: lazyRouteComponent(() => import("./page.tsx"), "AccountsPage"),
});
