/** Days of the calendar as people name them: `2026-11-22`. */
import { Refusal } from "./refusal.ts";

/** Whether a text names a day that there is; of the years 1000 to 9998, so that the days around it can be written, too. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < "1000" || text > "9999") return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** The day that was asked for, before the database refuses it. @throws Refusal `no-such-day` */
export function realDay(text: string): string {
  if (isDay(text)) return text;
  throw new Refusal("invalid", "no-such-day", `There is no day ${text} in the calendar.`);
}
