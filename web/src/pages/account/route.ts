import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../app/shell-route.ts";
import { accountQuery, type EntryKind, entryKinds } from "../../data/money.ts";
import { loadText } from "../../i18n/text.ts";

export type AccountSearch = {
  day?: string;
  kind?: EntryKind;
  /** The period whose payslip is shown instead of the account. */
  payslip?: number;
  /** Both: the statement over these days is shown instead. */
  from?: string;
  to?: string;
};

const isDay = (given: unknown): given is string => typeof given === "string" && /^\d{4}-\d\d-\d\d$/.test(given);

const validateSearch = (search: Record<string, unknown>): AccountSearch => ({
  ...(isDay(search["day"]) && { day: search["day"] }),
  ...(isDay(search["from"]) && isDay(search["to"]) && { from: search["from"], to: search["to"] }),
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
