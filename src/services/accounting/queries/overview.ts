/** What accountants look at first: the company at this hour, and all accounts in the order that they want. */
import { Temporal } from "temporal-polyfill";
import { Type } from "typebox";
import { Currency, Day, Minor, Nullable, OneOf, Timestamp, Uuid } from "../../../platform/contract.ts";
import { page, Page, pageParameters, readCursor } from "../../../platform/http/paging.ts";
import { query, type Route } from "../../../platform/http/route.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { Settings } from "../../../settings.ts";
import { accountOrders, earnedBefore, listAccountLines, loadStanding } from "../overview-store.ts";
import { newestPeriod, settingsNow } from "../period-store.ts";

/** How many days the small charts of accounts have. */
const RECENT_DAYS = 14;

const Standing = Type.Object({
  /** What a close would pay out now: the sum of the balances above zero. */
  payableMinor: Minor,
  payableCount: Type.Integer(),
  /** The sum of the balances below zero; not above 0. */
  owedMinor: Minor,
  negativeCount: Type.Integer(),
  accountCount: Type.Integer(),
  /** Lines of the ledger in the present business day. */
  entryCount: Type.Integer(),
  currency: Currency,
});

const ByThisHour = Type.Object({
  asOf: Timestamp,
  day: Nullable(Day),
  earnedMinor: Minor,
  dayBefore: Nullable(Day),
  /** What management had earned the day before, when the clock showed the same. */
  earnedBeforeMinor: Minor,
  currency: Currency,
});

const AccountLine = Type.Object({
  userId: Uuid,
  name: Type.String(),
  login: Type.String(),
  active: Type.Boolean(),
  balanceMinor: Minor,
  creditsTodayMinor: Minor,
  debitsTodayMinor: Minor,
  earnedTodayMinor: Minor,
  lastPayoutMinor: Nullable(Minor),
  lastPayoutDay: Nullable(Day),
  /** Credits − debits of the last fourteen business days, the oldest first. */
  earnedByDay: Type.Array(Minor),
  currency: Currency,
});

export function overviewQueries(settings: Settings): Route[] {
  return [
    query({
      operationId: "getStanding",
      method: "GET",
      path: "/standing",
      policy: "accounts.all",
      summary: "All balances in figures: what would be paid out now, and what would be carried over.",
      response: Standing,
      handle: async ({ sql }) => ({
        ...(await loadStanding(sql)),
        currency: (await settingsNow(sql, settings)).currency,
      }),
    }),
    query({
      operationId: "getTotalsByThisHour",
      method: "GET",
      path: "/totals/by-this-hour",
      policy: "accounts.all",
      summary: "What management earned today, and the day before by the same time of day.",
      response: ByThisHour,
      handle: async ({ sql, now }) => {
        const { timeZone, currency } = await settingsNow(sql, settings);
        const day = (await newestPeriod(sql))?.businessDate ?? null;
        const dayBefore = day === null ? null : Temporal.PlainDate.from(day).subtract({ days: 1 }).toString();
        const here = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(timeZone);
        const then = new Date(here.subtract({ days: 1 }).epochMilliseconds);
        return {
          asOf: now.toISOString(),
          day,
          earnedMinor: day === null ? 0 : await earnedBefore(sql, day, now),
          dayBefore,
          earnedBeforeMinor: dayBefore === null ? 0 : await earnedBefore(sql, dayBefore, then),
          currency,
        };
      },
    }),
    query({
      operationId: "listAccountLines",
      method: "GET",
      path: "/account-lines",
      policy: "accounts.all",
      summary: "Accounts with what moved today, the last payout and the last days, in any order.",
      query: Type.Object({
        sort: Type.Optional(OneOf(accountOrders)),
        negative: Type.Optional(Type.Boolean()),
        q: Type.Optional(Type.String({ maxLength: 100 })),
        ...pageParameters,
      }),
      response: Page(AccountLine),
      handle: async ({ sql }, { query: { sort = "name", negative = false, q, limit = 50, cursor } }) => {
        const from = Number(readCursor(cursor)?.[0] ?? 0);
        if (!Number.isSafeInteger(from) || from < 0) {
          throw new Refusal("invalid", "bad-cursor", "The cursor is not one that this list has given out.");
        }
        const which = { order: sort, negative, named: q === "" ? undefined : q };
        const rows = await listAccountLines(sql, which, from, limit + 1, RECENT_DAYS);
        const { currency } = await settingsNow(sql, settings);
        const places = new Map(rows.map((row, index) => [row, from + index + 1]));
        return page(
          rows,
          limit,
          (row) => [places.get(row) ?? 0],
          (row) => ({ ...row, currency }),
        );
      },
    }),
  ];
}
