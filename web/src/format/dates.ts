/** Days and times for display. A business day is a text `2026-11-22` and never goes through a time zone. */
import { language, locale } from "./language.ts";

/** The reader's zone when it is not the browser's; times of the business day are in the company's anyway. */
export const ownZone = localStorage.getItem("popug.zone") ?? undefined;

export function setOwnZone(zone: string | undefined): void {
  if (zone === undefined) localStorage.removeItem("popug.zone");
  else localStorage.setItem("popug.zone", zone);
  location.reload();
}

/** Building a formatter is the dear part: each is built once. */
const formats = new Map<string, Intl.DateTimeFormat>();

export function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, { ...(ownZone !== undefined && { timeZone: ownZone }), ...options });
    formats.set(key, format);
  }
  return format;
}

/** `22 Nov`, from `2026-11-22`. */
export function formatDay(
  day: string,
  options: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" },
): string {
  return dateFormat({ ...options, timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}

/** `14:02`, in the reader's zone unless another is given. */
export function formatTime(instant: string | Date, timeZone?: string): string {
  return dateFormat({ hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...(timeZone && { timeZone }) }).format(
    new Date(instant),
  );
}

/** `22 Nov 2026, 14:02:41 GMT+3`: for tooltips, where the zone has to be said. */
export function formatInstant(instant: string | Date): string {
  return dateFormat({ dateStyle: "medium", timeStyle: "long", hourCycle: "h23" }).format(new Date(instant));
}

/** The business day of an instant: `2026-11-22`. */
export function dayIn(timeZone: string, instant: Date): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  return parts.format(instant);
}

/** The day so many days later (or earlier). */
export function addDays(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

// The narrow form of Russian is a minus and a number, which reads like an amount.
const relative = new Intl.RelativeTimeFormat(locale, {
  style: language === "ru" ? "short" : "narrow",
  numeric: "auto",
});

/** `3m ago`, by business time. */
export function formatAge(instant: string, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(instant)) / 60_000));
  if (minutes < 60) return relative.format(-minutes, "minute");
  if (minutes < 24 * 60) return relative.format(-Math.floor(minutes / 60), "hour");
  return relative.format(-Math.floor(minutes / (24 * 60)), "day");
}
