/** Which data are old after which changes. Pages add nothing here unless a new kind of event appears. */
import type { QueryClient } from "@tanstack/react-query";
import { type Change, onChanges, onGap } from "./stream.ts";

/** First parts of query keys, by the beginning of the event's type. */
const stale: [begins: string, keys: string[]][] = [
  ["task.registration-ended", ["periods", "clock", "business-day", "settings", "price-bounds"]],
  ["settings.", ["settings"]],
  ["task.priced", ["prices"]],
  ["task.", ["counts", "history"]],
  ["shuffle.", ["shuffles"]],
  ["entry.posted", ["account", "accounts", "entries", "totals", "days", "analytics", "history"]],
  [
    "billing.",
    ["account", "accounts", "entries", "totals", "days", "periods", "payouts", "analytics", "mails", "clock"],
  ],
  ["statement.", ["statements", "mails"]],
  ["payout.", ["payouts", "periods", "days"]],
  ["pay-details.", ["payouts", "pay-details"]],
  ["user.", ["users", "me", "counts"]],
];
const SOON_MS = 120;
/** The same data are not asked for more often than this in the long run, however much happens … */
const SPACING_MS = 1_000;
/** … and so many times without a pause, when there was little before: one press of "done" after the other is seen at once. */
const AT_ONCE = 3;

/** Keeps what is on the screen fresh. Each kind of data is asked for once a second at most, but for a few times at once. */
export function keepFresh(queries: QueryClient): () => void {
  const due = new Map<string, number>();
  /** By kind of data: until when it is used up (the generic cell rate algorithm, ITU-T I.371). */
  const usedUp = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    const now = performance.now();
    for (const [key, at] of due) {
      if (at > now) continue;
      due.delete(key);
      usedUp.set(key, Math.max(now, usedUp.get(key) ?? 0) + SPACING_MS);
      void queries.invalidateQueries({ queryKey: [key] });
    }
    plan();
  };
  const plan = () => {
    if (timer !== undefined || due.size === 0) return;
    timer = setTimeout(flush, Math.max(0, Math.min(...due.values()) - performance.now()) + 1);
  };
  const mark = (key: string) => {
    if (due.has(key)) return;
    due.set(key, Math.max(performance.now() + SOON_MS, (usedUp.get(key) ?? 0) - (AT_ONCE - 1) * SPACING_MS));
  };
  const stopChanges = onChanges((changes) => {
    for (const change of changes) for (const key of keysOf(change)) mark(key);
    plan();
  });
  const stopGap = onGap(() => void queries.invalidateQueries());
  return () => {
    stopChanges();
    stopGap();
    clearTimeout(timer);
  };
}

/** Every event also ages the lists of events and of dead letters. */
function keysOf(change: Change): string[] {
  const own = stale.find(([begins]) => change.type.startsWith(begins))?.[1] ?? [];
  return [...own, "events", "dead-letters", "flow"];
}
