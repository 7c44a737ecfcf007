/** What the pages about money ask before they are there. The rest of their questions: `books.ts`. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, ask } from "../api/client.ts";
import { everyOf, type Query } from "../api/every-of.ts";

export type EntryKind = Query<"listEntries">["kind"];
export const entryKinds = everyOf<EntryKind>({
  fee: 1,
  "fee-reversal": 1,
  reward: 1,
  "reward-reversal": 1,
  payout: 1,
  "payout-return": 1,
  "write-off": 1,
  opening: 1,
  "opening-debt": 1,
});
export type EntryFilter = { userId?: string; day?: string; period?: number; kind?: EntryKind };

export const accountQuery = (userId: string | undefined) =>
  queryOptions({
    queryKey: ["account", userId ?? "me"],
    queryFn: () =>
      userId === undefined
        ? ask(api.GET("/api/my/account"))
        : ask(api.GET("/api/accounts/{userId}", { params: { path: { userId } } })),
  });

/** What management earned on a day; today's without a day. */
export const totalsQuery = (day?: string) =>
  queryOptions({
    queryKey: ["totals", day ?? "today"],
    queryFn: () => ask(api.GET("/api/totals", { params: { query: { ...(day !== undefined && { day }) } } })),
    placeholderData: keepPreviousData,
  });

/** Income by day, newest first. */
export const daysQuery = (limit: number) =>
  queryOptions({
    queryKey: ["days", limit],
    queryFn: () => ask(api.GET("/api/days", { params: { query: { limit } } })),
    placeholderData: keepPreviousData,
  });

export type AccountOrder = Query<"listAccountLines">["sort"];
export const accountOrders = everyOf<AccountOrder>({ name: 1, balance: 1, "-balance": 1, earned: 1, "-earned": 1 });
export type AccountFilter = { sort: AccountOrder; negative: boolean; q: string };
