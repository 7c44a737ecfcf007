/** One cache of server data for the whole app. Changes are pushed, so nothing is asked for again by time alone. */
import { QueryClient } from "@tanstack/react-query";
import { Problem } from "../api/problem.ts";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) =>
        failures < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500),
    },
  },
});
