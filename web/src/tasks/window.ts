/** Rows of a list of any length: only the pages on the screen are fetched. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { type Price, pricesQuery, type Task, taskPageQuery } from "../data/task-details.ts";
import { type TaskFilter, taskPagesQuery } from "../data/tasks.ts";
import type { Rows } from "./task-grid.tsx";

export type TaskWindow = Rows & {
  /** Undefined until the length is known. */
  total: number | undefined;
  onWindow: (first: number, last: number) => void;
  /** Id of the newest task of the list; ids grow with time. */
  newest: string | undefined;
  error: unknown;
  /** The pages are another filter's, until those of this one are there. */
  stale: boolean;
  refetch: () => void;
};

export function useTaskWindow(filter: TaskFilter): TaskWindow {
  const { data: pages, error, isPlaceholderData, refetch } = useQuery(taskPagesQuery(filter));
  const [shown, setShown] = useState({ first: 0, last: 0 });
  const onWindow = useCallback((first: number, last: number) => setShown({ first, last }), []);
  const size = pages?.pageSize ?? 1;
  const begins = isPlaceholderData ? [] : (pages?.firstIds ?? []);
  const from = Math.floor(shown.first / size);
  // A page is much longer than a screen: what is shown lies in one page, or in two.
  const pageQuery = (page: number) => ({
    ...taskPageQuery(filter, begins[page] ?? "", begins[page + 1]),
    enabled: begins[page] !== undefined && page <= Math.floor(shown.last / size),
  });
  const results = [useQuery(pageQuery(from)), useQuery(pageQuery(from + 1))];
  const priceQuery = (tasks: Task[] = []) => ({
    ...pricesQuery(tasks.map((task) => task.id)),
    enabled: tasks.length > 0,
    placeholderData: keepPreviousData,
  });
  const prices = [useQuery(priceQuery(results[0]?.data)), useQuery(priceQuery(results[1]?.data))];
  const taskAt = (index: number): Task | undefined => results[Math.floor(index / size) - from]?.data?.[index % size];
  const priceAt = (index: number): Price | undefined => {
    const task = taskAt(index);
    return task && prices.map(({ data }) => data?.get(task.id)).find((price) => price !== undefined);
  };
  return {
    count: pages?.total ?? 0,
    total: pages?.total,
    newest: pages?.firstIds[0],
    taskAt,
    priceAt,
    onWindow,
    error: error ?? results.find((result) => result.error !== null)?.error ?? null,
    stale: isPlaceholderData,
    refetch: () => void refetch(),
  };
}
