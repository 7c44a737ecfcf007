import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, ask } from "../../api/client.ts";
import { businessNow, onChanges } from "../../live/stream.ts";
import type { FlowSearch } from "./route.ts";

/** However much happens, this page asks at most this often. */
const SPACING_MS = 5_000;

export const flowQuery = queryOptions({
  queryKey: ["operations", "flow"],
  queryFn: () => ask(api.GET("/api/flow")),
  // While something flows, the rates go down by time alone, without any push.
  refetchInterval: ({ state }) => (state.data?.rates.some((rate) => rate.perSecond > 0) ? SPACING_MS : false),
});

/** Logs keep real time; what the reader sees and chooses is business time, which a demo moves. */
const loggedAt = (local: string) => new Date(Date.parse(local) - (businessNow() - Date.now())).toISOString();

export const flowEventsQuery = ({ source, type, except, from, until }: FlowSearch, limit: number) =>
  queryOptions({
    queryKey: ["operations", "events", source, type, except, from, until, limit],
    queryFn: () =>
      ask(
        api.GET("/api/flow/events", {
          params: {
            query: {
              ...{ limit, ...(source && { source }), ...(type && { type }), ...(except && { except }) },
              ...{ ...(from && { from: loggedAt(from) }), ...(until && { until: loggedAt(until) }) },
            },
          },
        }),
      ),
  });

/** Looks anew when something happened, at most once in five seconds, and not at all while `paused`. */
export function useFlowRefresh(paused: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (paused) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = performance.now();
    const stop = onChanges(() => {
      timer ??= setTimeout(
        () => {
          timer = undefined;
          last = performance.now();
          void queries.invalidateQueries({ queryKey: ["operations"] });
        },
        Math.max(120, last + SPACING_MS - performance.now()),
      );
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [queries, paused]);
}
