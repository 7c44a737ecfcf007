/** Short messages that go by themselves; with Undo where something can be undone. */
import { useSyncExternalStore } from "react";
import { explain } from "./states.tsx";

export type Toast = {
  id: number;
  text: string;
  note?: string | undefined;
  tone?: "neg";
  action?: { text: string; keys?: string; run: () => void } | undefined;
};

const STAYS_MS = 7_000;
const MAX = 3;
let toasts: readonly Toast[] = [];
let nextId = 1;
const watchers = new Set<() => void>();
const timers = new Map<number, ReturnType<typeof setTimeout>>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const watch of watchers) watch();
}

export function hideToast(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  change(toasts.filter((toast) => toast.id !== id));
}

/** Begins its time on the screen, anew. */
export const hideLater = (id: number) => {
  clearTimeout(timers.get(id));
  timers.set(
    id,
    setTimeout(() => hideToast(id), STAYS_MS),
  );
};

/** @returns the id, with which it can be hidden before its time */
export function showToast(toast: Omit<Toast, "id">): number {
  const id = nextId++;
  change([...toasts, { ...toast, id }].slice(-MAX));
  hideLater(id);
  return id;
}

/** Says that something failed, in the reader's words. For `onError` of mutations. */
export const showError = (error: unknown) => void showToast({ text: explain(error), tone: "neg" });

/** The newest action that a toast offers: Mod+Z takes it. */
export const runNewestAction = () => {
  const newest = toasts.findLast((toast) => toast.action !== undefined);
  newest?.action?.run();
  if (newest) hideToast(newest.id);
};

/** While somebody reads it or is about to press Undo, it stays. */
export const keepToast = (id: number) => clearTimeout(timers.get(id));

/** What is shown now. */
export const useToasts = (): readonly Toast[] =>
  useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => toasts,
  );
