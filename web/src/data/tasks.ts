/** Lists of tasks: what pages ask before they are there. The rest about tasks: `task-details.ts`. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, ask } from "../api/client.ts";
import type { Task } from "./task-details.ts";

export type TaskFilter = { status?: Task["status"]; assigneeId?: string; waiting?: boolean; q?: string };

/** How long the list is and where its pages begin. */
export const taskPagesQuery = (filter: TaskFilter) =>
  queryOptions({
    queryKey: ["task-pages", filter],
    queryFn: () => ask(api.GET("/api/tasks/pages", { params: { query: filter } })),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });

/** My tasks; a popug with more than 500 open ones sees the newest 500. */
export const myTasksQuery = (status: "in_progress" | "done") =>
  queryOptions({
    queryKey: ["tasks", "mine", status],
    queryFn: async () => (await ask(api.GET("/api/my/tasks", { params: { query: { status, limit: 500 } } }))).items,
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
