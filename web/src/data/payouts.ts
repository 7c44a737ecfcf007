/** Payouts, their files for the bank, and where people are paid. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, ask } from "../api/client.ts";
import { everyOf, type Query } from "../api/every-of.ts";

export type PayoutState = Query<"listPayouts">["state"];
export const payoutStates = everyOf<PayoutState>({ waiting: 1, requested: 1, sent: 1, confirmed: 1, failed: 1 });

const getPayouts = (number: number, state: PayoutState | undefined, cursor: string | null) =>
  ask(
    api.GET("/api/periods/{number}/payouts", {
      params: { path: { number }, query: { ...(state && { state }), ...(cursor !== null && { cursor }) } },
    }),
  );
export type Payout = Awaited<ReturnType<typeof getPayouts>>["items"][number];

/** The payouts of a closed period. */
export const payoutsQuery = (number: number, state: PayoutState | undefined) =>
  infiniteQueryOptions({
    queryKey: ["payouts", "period", number, state ?? "all"],
    queryFn: ({ pageParam }) => getPayouts(number, state, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: keepPreviousData,
  });

export const payoutSumsQuery = (number: number) =>
  queryOptions({
    queryKey: ["payouts", "sums", number],
    queryFn: () => ask(api.GET("/api/periods/{number}/payout-sums", { params: { path: { number } } })),
  });

export const payoutFilesQuery = (number: number) =>
  queryOptions({
    queryKey: ["payouts", "files", number],
    queryFn: () => ask(api.GET("/api/periods/{number}/payout-files", { params: { path: { number } } })),
  });

export const payoutFileAddress = (number: number, messageId: string, end: "xml" | "csv") =>
  `/api/periods/${number}/payout-files/${messageId}.${end}`;

const MY_PAYOUTS = 6;

export const myPayoutsQuery = queryOptions({
  queryKey: ["payouts", "mine"],
  queryFn: () => ask(api.GET("/api/my/payouts", { params: { query: { limit: MY_PAYOUTS } } })),
});

/** One's own, the account number masked. */
export const myPayDetailsQuery = queryOptions({
  queryKey: ["pay-details", "mine"],
  queryFn: () => ask(api.GET("/api/my/pay-details")),
});

/** Anybody's, for accountants: the newest first. */
export const payDetailsQuery = (userId: string) =>
  queryOptions({
    queryKey: ["pay-details", userId],
    queryFn: () => ask(api.GET("/api/accounts/{userId}/pay-details", { params: { path: { userId } } })),
  });
