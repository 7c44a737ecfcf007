/** Days, ISO weeks and months around a business day: pure arithmetic of calendar dates. */
import { Temporal } from "temporal-polyfill";
import { realDay } from "../../platform/day.ts";

export const spans = ["day", "week", "month"] as const;
export type Span = (typeof spans)[number];

/** Reads a day, `2026-11-22`. @throws Refusal `no-such-day` for what looks like one and is none (`2026-02-30`) */
export const readDay = (text: string): Temporal.PlainDate => Temporal.PlainDate.from(realDay(text));

/** The first and last day of the span that holds a day. A week is an ISO week: Monday to Sunday. */
export function spanAround(span: Span, day: string): { from: string; to: string } {
  const date = readDay(day);
  if (span === "day") return { from: day, to: day };
  if (span === "week") {
    const monday = date.subtract({ days: date.dayOfWeek - 1 });
    return { from: monday.toString(), to: monday.add({ days: 6 }).toString() };
  }
  const first = date.with({ day: 1 });
  return { from: first.toString(), to: date.with({ day: date.daysInMonth }).toString() };
}

/** The day that lies `days` before another. */
export function daysBefore(day: string, days: number): string {
  return readDay(day).subtract({ days }).toString();
}
