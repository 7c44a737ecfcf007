/** The shuffle that runs, if one does. Its progress lives in the shell: whoever started it may leave the page. */
import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { onChanges } from "../live/stream.ts";
import { countsQuery } from "./tasks.ts";

export type ShuffleState = { shuffleId: string; total: number; drawn: number; finished: boolean };

const SHOWN_AFTER_MS = 4_000;
let state: ShuffleState | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const watchers = new Set<() => void>();

function change(next: ShuffleState | null): void {
  state = next;
  clearTimeout(timer);
  if (next?.finished === true) timer = setTimeout(() => change(null), SHOWN_AFTER_MS);
  for (const watch of watchers) watch();
}

export const useRunningShuffle = (): ShuffleState | null =>
  useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => state,
  );

/** Follows shuffles, also those of others and those that ran when the app was opened. @returns stops it */
export function followShuffles(queries: QueryClient): () => void {
  void queries
    .ensureQueryData(countsQuery)
    .then(({ shuffle }) => {
      if (shuffle !== null && state === null) change({ ...shuffle, finished: false });
    })
    .catch(() => {});
  return onChanges((changes) => {
    for (const { type, subject, total, drawn, more } of changes) {
      if (!type.startsWith("shuffle.") || more !== undefined || subject === undefined) continue;
      const known = state?.shuffleId === subject ? state : null;
      if (known?.finished === true) continue;
      const finished = type === "shuffle.finished";
      const all = typeof total === "number" ? total : (known?.total ?? 0);
      const sofar = typeof drawn === "number" ? drawn : (known?.drawn ?? 0);
      change({ shuffleId: subject, total: all, drawn: finished ? all : Math.max(sofar, known?.drawn ?? 0), finished });
    }
  });
}

/** One was started, or joined. */
export function takeShuffle(shuffle: Omit<ShuffleState, "finished"> & { status: string }): void {
  if (state?.shuffleId !== shuffle.shuffleId) change({ ...shuffle, finished: shuffle.status === "finished" });
}
