/** Tasks, their prices and what happened to them. */
import { queryOptions } from "@tanstack/react-query";
import { api, ask } from "../api/client.ts";
import type { TaskFilter } from "./tasks.ts";

export type Task = Awaited<ReturnType<typeof fetchTask>>;
export type Price = { feeMinor: number; rewardMinor: number; currency: string };

const fetchTask = (taskId: string) => ask(api.GET("/api/tasks/{taskId}", { params: { path: { taskId } } }));

export const taskQuery = (taskId: string) =>
  queryOptions({ queryKey: ["tasks", "one", taskId], queryFn: () => fetchTask(taskId) });

/** One page of it: from this id, down to but without the other one. */
export const taskPageQuery = (filter: TaskFilter, from: string, until: string | undefined) =>
  queryOptions({
    queryKey: ["tasks", "page", filter, from, until ?? null],
    queryFn: async () => {
      const query = { ...filter, from, limit: 500, ...(until !== undefined && { until }) };
      return (await ask(api.GET("/api/tasks", { params: { query } }))).items;
    },
    gcTime: 60_000,
  });

const PRICES_AT_ONCE = 100;

const getPrices = async (taskIds: readonly string[]) =>
  (await ask(api.GET("/api/prices", { params: { query: { taskIds: taskIds.join(",") } } }))).items;

/** Prices of these tasks. They never change; those not drawn yet are asked for again when one was. */
export const pricesQuery = (taskIds: readonly string[]) =>
  queryOptions({
    queryKey: ["prices", taskIds],
    queryFn: async () => {
      const parts = Array.from({ length: Math.ceil(taskIds.length / PRICES_AT_ONCE) }, (_, n) =>
        getPrices(taskIds.slice(n * PRICES_AT_ONCE, (n + 1) * PRICES_AT_ONCE)),
      );
      return new Map<string, Price>((await Promise.all(parts)).flat().map((item) => [item.taskId, item]));
    },
    staleTime: (query) => (query.state.data?.size === taskIds.length ? Number.POSITIVE_INFINITY : 0),
    structuralSharing: false,
    gcTime: 60_000,
  });

/** Who holds how many open tasks. */
export const openCountsQuery = queryOptions({
  queryKey: ["counts", "open"],
  queryFn: () => ask(api.GET("/api/tasks/open-counts")),
});

export const historyQuery = (taskId: string) =>
  queryOptions({
    queryKey: ["history", taskId],
    queryFn: async () => (await ask(api.GET("/api/tasks/{taskId}/history", { params: { path: { taskId } } }))).items,
  });

export type Step = Awaited<ReturnType<NonNullable<ReturnType<typeof historyQuery>["queryFn"]>>>[number];

/** The line of the books in which a step was booked. */
export const entryIdOf = (step: { period: number; epoch: number; partition: number; position: number }) =>
  `${step.period}-tasks-${step.epoch}-${step.partition}-${step.position}-0`;

/** What people call a task. */
export const nameOf = (task: { jiraId: string | null; number: number }) => task.jiraId ?? `#${task.number}`;
