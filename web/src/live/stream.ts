/** What the screen knows of changes on the server, and when it heard of them. Who reads them: `follow.ts`. */
import { useSyncExternalStore } from "react";

/** One changed thing, or (`more`) a hint that many of a type changed. */
export type Change = { type: string; subject?: string; time?: string; more?: number } & Record<string, unknown>;

export type LiveState =
  | { now: "connecting" }
  | {
      now: "live" /** Seconds from the event to here, of the last frame; null: nothing came yet. */;
      lag: number | null;
    }
  | { now: "lost" /** ms of the last sign of life. */; since: number };

let state: LiveState = { now: "connecting" };
const watchers = new Set<() => void>();
const listeners = new Set<(changes: readonly Change[]) => void>();
const gapListeners = new Set<() => void>();

export const useLive = (): LiveState =>
  useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => state,
  );

/** Hears of every change. @returns stops hearing */
export function onChanges(listener: (changes: readonly Change[]) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Called when changes may have been missed: everything on the screen has to be asked for anew. */
export function onGap(listener: () => void): () => void {
  gapListeners.add(listener);
  return () => gapListeners.delete(listener);
}

/** What the tab that reads tells. */
export function setLive(next: LiveState): void {
  state = next;
  for (const watch of watchers) watch();
}
export const liveNow = () => state;
export const tellChanges = (changes: readonly Change[]) => {
  for (const listener of listeners) listener(changes);
};
export const tellGap = () => {
  for (const listener of gapListeners) listener();
};

/** Business time minus this computer's clock, ms: the two differ in a demo, or when a clock is wrong. */
let offset = 0;
export const setClockOffset = (ms: number) => {
  offset = ms;
};
/** Business time, ms since 1970, as far as this computer can know it. */
export const businessNow = () => Date.now() + offset;
