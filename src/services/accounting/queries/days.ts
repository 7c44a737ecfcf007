/** What management earned: today, on a past day, day by day. */
import { Type } from "typebox";
import { Currency, Day, Minor, Nullable } from "../../../platform/contract.ts";
import { realDay } from "../../../platform/day.ts";
import { page, Page, pageParameters, readCursor } from "../../../platform/http/paging.ts";
import { query, type Route } from "../../../platform/http/route.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { Settings } from "../../../settings.ts";
import { sumOfBalances } from "../account-store.ts";
import { listDayRows } from "../day-store.ts";
import { newestPeriod } from "../period-store.ts";

const sums = {
  feesMinor: Minor,
  /** Net of taken-back rewards. */
  rewardsMinor: Minor,
  /** fees − rewards; payouts are not part of it. */
  earnedMinor: Minor,
  paidOutMinor: Minor,
  currency: Currency,
  /** Numbers of the day's periods: more than one after an early close. */
  periods: Type.Array(Type.Integer()),
  /** All its periods are closed. */
  closed: Type.Boolean(),
};

const Totals = Type.Object({
  day: Nullable(Day),
  /** The period that is open for registration; null before the first. */
  period: Nullable(Type.Integer()),
  ...sums,
  /** Popugs below zero: now, or at the close of a past day. */
  negativeCount: Type.Integer(),
  /** Sum of all popugs' balances: now, or carried over from a past day. */
  totalMinor: Minor,
});

const ShownDay = Type.Object({
  day: Day,
  ...sums,
  negativeCount: Nullable(Type.Integer()),
  carriedMinor: Nullable(Minor),
});

export function dayQueries(settings: Settings): Route[] {
  return [
    query({
      operationId: "getTotals",
      method: "GET",
      path: "/totals",
      policy: "accounts.all",
      summary: "What management earned today or on a past day, and how many popugs are below zero.",
      query: Type.Object({ day: Type.Optional(Day) }),
      response: Totals,
      handle: async ({ sql }, { query }) => {
        const open = await newestPeriod(sql);
        const day = query.day === undefined ? open?.businessDate : realDay(query.day);
        const [row] = day === undefined ? [] : await listDayRows(sql, { day }, 1);
        if (row === undefined && query.day !== undefined) {
          throw new Refusal("not-found", "day-not-found", `There are no books of ${query.day}.`);
        }
        const now = await sumOfBalances(sql);
        const nothing = { feesMinor: 0, rewardsMinor: 0, earnedMinor: 0, paidOutMinor: 0, periods: [], closed: false };
        return {
          ...{ ...nothing, currency: open?.currency ?? settings.currency, ...withoutNulls(row) },
          day: day ?? null,
          period: open?.number ?? null,
          negativeCount: row?.negativeCount ?? now.negativeCount,
          totalMinor: row?.carriedMinor ?? now.totalMinor,
        };
      },
    }),
    query({
      operationId: "listDays",
      method: "GET",
      path: "/days",
      policy: "accounts.all",
      summary: "Income day by day, newest first; a day adds the parts of an early close.",
      query: Type.Object(pageParameters),
      response: Page(ShownDay),
      handle: async ({ sql }, { query: { limit = 50, cursor } }) => {
        const before = readCursor(cursor)?.[0];
        const rows = await listDayRows(sql, before === undefined ? {} : { before: realDay(String(before)) }, limit + 1);
        return page(
          rows,
          limit,
          (row) => [row.day],
          (row) => row,
        );
      },
    }),
  ];
}

function withoutNulls(row: Awaited<ReturnType<typeof listDayRows>>[number] | undefined) {
  if (row === undefined) return {};
  const { negativeCount: _, carriedMinor: __, ...rest } = row;
  return rest;
}
