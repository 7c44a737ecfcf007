/** Figures for top management. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, ask } from "../api/client.ts";
import type { Query } from "../api/every-of.ts";

export type Span = Query<"getTopTask">["span"];

export const analyticsQuery = (day?: string) =>
  queryOptions({
    queryKey: ["analytics", day ?? "today"],
    queryFn: () => ask(api.GET("/api/analytics", { params: { query: { ...(day !== undefined && { day }) } } })),
    placeholderData: keepPreviousData,
  });

export const topTaskQuery = (span: Span, day?: string) =>
  queryOptions({
    queryKey: ["analytics", "top-task", span, day ?? "today"],
    queryFn: () =>
      ask(api.GET("/api/analytics/top-task", { params: { query: { span, ...(day !== undefined && { day }) } } })),
    placeholderData: keepPreviousData,
  });

export const rewardsQuery = (span: Span, day?: string) =>
  queryOptions({
    queryKey: ["analytics", "rewards", span, day ?? "today"],
    queryFn: () =>
      ask(api.GET("/api/analytics/rewards", { params: { query: { span, ...(day !== undefined && { day }) } } })),
    placeholderData: keepPreviousData,
  });
