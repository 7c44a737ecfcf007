import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { accountQuery, type EntryKind, entryKinds } from "../../data/money.ts";
import { loadText } from "../../i18n/text.ts";

export type AccountSearch = {
  day?: string;
  kind?: EntryKind;
  /** The period whose payslip is shown instead of the account. */
  payslip?: number;
};

const validateSearch = (search: Record<string, unknown>): AccountSearch => ({
  ...(/^\d{4}-\d\d-\d\d$/.test(String(search["day"])) && { day: String(search["day"]) }),
  ...(entryKinds.includes(search["kind"] as EntryKind) && { kind: search["kind"] as EntryKind }),
  ...(Number.isInteger(search["payslip"]) && { payslip: Number(search["payslip"]) }),
});

export const accountRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/account",
  staticData: { place: "account" },
  validateSearch,
  loader: ({ context }) =>
    Promise.all([loadText("account", "money", "payouts"), context.queries.ensureQueryData(accountQuery(undefined))]),
  component: lazyRouteComponent(() => import("./page.tsx"), "AccountPage"),
});

/** The same page, of anybody, for those who may see all accounts. */
export const accountOfRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/accounts/$userId",
  staticData: { place: "accounts" },
  validateSearch,
  loader: ({ context, params }) =>
    Promise.all([
      loadText("account", "money", "payouts"),
      context.queries.ensureQueryData(accountQuery(params.userId)),
    ]),
  component: lazyRouteComponent(() => import("./page.tsx"), "AccountOfPage"),
});
