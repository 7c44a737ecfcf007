/** Rows of a list of any length: only the pages on the screen are fetched. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import {
  PRICES_AT_ONCE,
  type Price,
  pricesQuery,
  type Task,
  type TaskFilter,
  taskPageQuery,
  taskPagesQuery,
} from "../data/tasks.ts";
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
  const wanted = begins.slice(from, Math.floor(shown.last / size) + 1);
  const results = useQueries({
    queries: wanted.map((id, n) => taskPageQuery(filter, id, begins[from + n + 1])),
  });
  const chunks = results.flatMap(({ data = [] }) =>
    Array.from({ length: Math.ceil(data.length / PRICES_AT_ONCE) }, (_, n) =>
      data.slice(n * PRICES_AT_ONCE, (n + 1) * PRICES_AT_ONCE).map((task) => task.id),
    ),
  );
  const prices = useQueries({ queries: chunks.map((ids) => pricesQuery(ids)) });
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
