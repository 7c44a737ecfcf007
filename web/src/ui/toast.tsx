/** Short messages that go by themselves; with Undo where something can be undone. */
import { X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { textOf } from "../i18n/text.ts";
import { Button, Keys } from "./button.tsx";
import { classes, ui } from "./classes.ts";
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

const hideLater = (id: number) => {
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

export function Toasts() {
  const shown = useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => toasts,
  );
  const t = textOf("ui");
  return (
    <section className={ui.toasts} aria-label={t("messages")} aria-live="polite" data-print="no">
      {shown.map((toast) => (
        <div
          key={toast.id}
          className={classes(ui.toast, toast.tone && ui.neg)}
          // Whoever reads it or is about to press Undo is not hurried.
          onPointerEnter={() => clearTimeout(timers.get(toast.id))}
          onPointerLeave={() => hideLater(toast.id)}
          onFocus={() => clearTimeout(timers.get(toast.id))}
          onBlur={() => hideLater(toast.id)}
        >
          <div>
            {toast.text}
            {toast.note !== undefined && <small>{toast.note}</small>}
          </div>
          {toast.action !== undefined && (
            <Button
              small
              onClick={() => {
                toast.action?.run();
                hideToast(toast.id);
              }}
            >
              {toast.action.text}
              {toast.action.keys !== undefined && <Keys keys={toast.action.keys} />}
            </Button>
          )}
          <Button look="ghost" icon small aria-label={t("close")} onClick={() => hideToast(toast.id)}>
            <X size={14} />
          </Button>
        </div>
      ))}
    </section>
  );
}
