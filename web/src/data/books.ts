/** The audit log, periods, payslips, lines of accounts. Money is never guessed: what is shown is what the books say. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, ask } from "../api/client.ts";
import type { AccountFilter, EntryFilter } from "./money.ts";

const getEntries = (filter: EntryFilter, limit: number, cursor: string | null) =>
  ask(
    api.GET("/api/entries", {
      params: { query: { ...filter, limit, balances: true, ...(cursor !== null && { cursor }) } },
    }),
  );
export type Entry = Awaited<ReturnType<typeof getEntries>>["items"][number];

/** The audit log, newest first, with the balance after each line. */
export const entriesQuery = (filter: EntryFilter, pageSize = 50) =>
  infiniteQueryOptions({
    queryKey: ["entries", filter, pageSize],
    queryFn: ({ pageParam }) => getEntries(filter, pageSize, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: keepPreviousData,
  });

/** Every line of a filter, for exports. */
export async function allEntries(filter: EntryFilter): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: Awaited<ReturnType<typeof getEntries>> = await getEntries(filter, 500, cursor);
    entries.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === null) return entries;
  }
}

/** Payable, owed, how many accounts: now. */
export const standingQuery = queryOptions({
  queryKey: ["totals", "standing"],
  queryFn: () => ask(api.GET("/api/standing")),
});

export const byThisHourQuery = queryOptions({
  queryKey: ["totals", "by-this-hour"],
  queryFn: () => ask(api.GET("/api/totals/by-this-hour")),
});

const CLOSING_MS = 1_000;

/** What no event tells is asked for each second: what a closing period waits for, and what the check of a closed one found. */
const isUnderWay = (period: { status: string; check: unknown }) =>
  period.status === "closing" || (period.status === "closed" && period.check === null);

/** Billing periods, newest first. */
export const periodsQuery = (limit: number) =>
  queryOptions({
    queryKey: ["periods", limit],
    queryFn: () => ask(api.GET("/api/periods", { params: { query: { limit } } })),
    refetchInterval: ({ state }) => (state.data?.items.some(isUnderWay) === true ? CLOSING_MS : false),
  });

const getPeriod = (number: number) => ask(api.GET("/api/periods/{number}", { params: { path: { number } } }));
export type Period = Awaited<ReturnType<typeof getPeriod>>;

export const periodQuery = (number: number) =>
  queryOptions({
    queryKey: ["periods", "one", number],
    queryFn: () => getPeriod(number),
    refetchInterval: ({ state }) => (state.data !== undefined && isUnderWay(state.data) ? CLOSING_MS : false),
  });

/** The account over days, both included, period by period. */
export const statementQuery = (userId: string, range: { from: string; to: string }) =>
  queryOptions({
    queryKey: ["account", "statement", userId, range],
    queryFn: () => ask(api.GET("/api/accounts/{userId}/statement", { params: { path: { userId }, query: range } })),
    placeholderData: keepPreviousData,
  });

/** What a period has debited and credited, by kind of account. */
export const trialBalanceQuery = (number: number) =>
  queryOptions({
    queryKey: ["totals", "trial-balance", number],
    queryFn: () => ask(api.GET("/api/periods/{number}/trial-balance", { params: { path: { number } } })),
  });

const getWriteOffs = (query: { userId: string } | { waiting: true }) =>
  ask(api.GET("/api/write-offs", { params: { query: { ...query, limit: 100 } } }));
export type WriteOff = Awaited<ReturnType<typeof getWriteOffs>>["items"][number];

/** Debts of one person that were given up or are asked to be; or of anybody, those that wait for a second person. */
export const writeOffsQuery = (userId?: string) =>
  queryOptions({
    queryKey: ["write-offs", userId ?? null],
    queryFn: () => getWriteOffs(userId === undefined ? { waiting: true } : { userId }),
  });

const SENDING_MS = 3_000;
const onTheWay = ["queued", "sending"];

/** Payslips of the periods from … to. While some are on their way they are counted again: mails emit no events. */
export const payslipCountsQuery = (from: number, to: number) =>
  queryOptions({
    queryKey: ["mails", "payslips", from, to],
    queryFn: () => ask(api.GET("/api/payslips/counts", { params: { query: { from, to } } })),
    refetchInterval: ({ state }) =>
      state.data?.items.some((one) => one.sent + one.failed < one.total) === true ? SENDING_MS : false,
  });

export const payslipsQuery = (userId: string | undefined) =>
  queryOptions({
    queryKey: ["statements", userId ?? "me"],
    queryFn: () =>
      ask(api.GET("/api/payslips", { params: { query: { limit: 60, ...(userId !== undefined && { userId }) } } })),
    refetchInterval: ({ state }) =>
      state.data?.items.some(({ mailStatus }) => mailStatus === null || onTheWay.includes(mailStatus)) === true
        ? SENDING_MS
        : false,
  });
export type Payslip = NonNullable<Awaited<ReturnType<typeof getPayslips>>>["items"][number];
const getPayslips = () => ask(api.GET("/api/payslips", { params: { query: {} } }));

const getAccountLines = ({ sort, negative, q }: AccountFilter, limit: number, cursor: string | null) =>
  ask(
    api.GET("/api/account-lines", {
      params: { query: { sort, negative, limit, ...(q !== "" && { q }), ...(cursor !== null && { cursor }) } },
    }),
  );
export type AccountLine = Awaited<ReturnType<typeof getAccountLines>>["items"][number];

export const accountLinesQuery = (filter: AccountFilter) =>
  infiniteQueryOptions({
    queryKey: ["accounts", filter],
    queryFn: ({ pageParam }) => getAccountLines(filter, 100, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: keepPreviousData,
  });

const BALANCES_MS = 15_000;

/** The balances of everybody, by person. Not pushed: all of them change with each task that is done. */
export const balancesQuery = queryOptions({
  queryKey: ["balances"],
  queryFn: async () => {
    const lines = await allAccountLines({ sort: "name", negative: false, q: "" });
    return new Map(lines.map((line) => [line.userId, line]));
  },
  structuralSharing: false,
  staleTime: BALANCES_MS,
  refetchInterval: BALANCES_MS,
});

/** Every account of a filter, for exports. */
export async function allAccountLines(filter: AccountFilter): Promise<AccountLine[]> {
  const lines: AccountLine[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: Awaited<ReturnType<typeof getAccountLines>> = await getAccountLines(filter, 500, cursor);
    lines.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === null) return lines;
  }
}
