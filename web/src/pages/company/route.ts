import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { daysQuery, type EntryKind, entryKinds, totalsQuery } from "../../data/money.ts";
import { may, meQuery } from "../../data/people.ts";
import { loadText } from "../../i18n/text.ts";

export type CompanySearch = {
  /** A past day; today without it. */
  day?: string;
  /** Days of the chart; 30 without it. */
  days?: 7;
  /** The whole ledger of the day instead of its latest lines. */
  ledger?: "all";
  /** Only lines of this kind. */
  kind?: EntryKind;
};

export const companyRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/company",
  staticData: { place: "company" },
  validateSearch: (search: Record<string, unknown>): CompanySearch => ({
    ...(/^\d{4}-\d\d-\d\d$/.test(String(search["day"])) && { day: String(search["day"]) }),
    ...(search["days"] === 7 && { days: 7 as const }),
    ...(search["ledger"] === "all" && { ledger: "all" as const }),
    ...(entryKinds.includes(search["kind"] as EntryKind) && { kind: search["kind"] as EntryKind }),
  }),
  loader: async ({ context }) => {
    const me = await context.queries.ensureQueryData(meQuery);
    const allowed = may(me.roles, "accounts");
    await Promise.all([
      loadText("company", "money"),
      ...(allowed
        ? [context.queries.ensureQueryData(totalsQuery()), context.queries.ensureQueryData(daysQuery(30))]
        : []),
    ]);
  },
  component: lazyRouteComponent(() => import("./page.tsx"), "CompanyPage"),
});
