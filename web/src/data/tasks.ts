/** Tasks, their prices and what happened to them. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, ask } from "../api/client.ts";

export type Task = Awaited<ReturnType<typeof fetchTask>>;
export type Price = { feeMinor: number; rewardMinor: number; currency: string };
export type TaskFilter = { status?: Task["status"]; assigneeId?: string; waiting?: boolean; q?: string };

const fetchTask = (taskId: string) => ask(api.GET("/api/tasks/{taskId}", { params: { path: { taskId } } }));

export const taskQuery = (taskId: string) =>
  queryOptions({ queryKey: ["tasks", "one", taskId], queryFn: () => fetchTask(taskId) });

/** How long the list is and where its pages begin. */
export const taskPagesQuery = (filter: TaskFilter) =>
  queryOptions({
    queryKey: ["task-pages", filter],
    queryFn: () => ask(api.GET("/api/tasks/pages", { params: { query: filter } })),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });

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

/** My tasks; a popug with more than 500 open ones sees the newest 500. */
export const myTasksQuery = (status: "in_progress" | "done") =>
  queryOptions({
    queryKey: ["tasks", "mine", status],
    queryFn: async () => (await ask(api.GET("/api/my/tasks", { params: { query: { status, limit: 500 } } }))).items,
  });

export const PRICES_AT_ONCE = 100;

/** Prices of up to 100 tasks. They never change; those not drawn yet are asked for again when one was. */
export const pricesQuery = (taskIds: readonly string[]) =>
  queryOptions({
    queryKey: ["prices", taskIds],
    queryFn: async () => {
      const { items } = await ask(
        api.GET("/api/prices", { params: { query: taskIds.length > 0 ? { taskIds: taskIds.join(",") } : {} } }),
      );
      return new Map<string, Price>(items.map((item) => [item.taskId, item]));
    },
    staleTime: (query) => (query.state.data?.size === taskIds.length ? Number.POSITIVE_INFINITY : 0),
    structuralSharing: false,
    gcTime: 60_000,
  });

/** Between which amounts fees and rewards are drawn. */
export const priceBoundsQuery = queryOptions({
  queryKey: ["price-bounds"],
  queryFn: () => ask(api.GET("/api/prices", { params: { query: {} } })),
  staleTime: Number.POSITIVE_INFINITY,
});

export const countsQuery = queryOptions({
  queryKey: ["counts"],
  queryFn: () => ask(api.GET("/api/tasks/counts")),
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
