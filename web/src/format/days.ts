/** Days for display. A business day is a text `2026-11-22` and never goes through a time zone. */
import { dateFormat, formatTime } from "./dates.ts";
import { language, locale } from "./language.ts";

/** `22 Nov`, from `2026-11-22`. */
export function formatDay(
  day: string,
  options: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" },
): string {
  return dateFormat({ ...options, timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
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

const zoneNameIn = (instant: Date, timeZoneName: "longGeneric" | "shortOffset", timeZone?: string) =>
  dateFormat({ timeZoneName, ...(timeZone !== undefined && { timeZone }) })
    .formatToParts(instant)
    .find((part) => part.type === "timeZoneName")?.value ?? "";

/** `GMT+3`, `UTC`: how far the clocks of a zone (the reader's unless named) are from UTC at that instant. */
export function offsetName(instant: Date, timeZone?: string): string {
  const name = zoneNameIn(instant, "shortOffset", timeZone);
  return /^GMT([+-]0)?$/.test(name) ? "UTC" : name;
}

/** `14:02 GMT+3`: a time of the company's day, where no column says whose clock it is. */
export const formatClock = (instant: string, timeZone: string) =>
  `${formatTime(instant, timeZone)} ${offsetName(new Date(instant), timeZone)}`;

/** `00:00, Moscow Time`: the same where there is room for the name of the zone. Some have none but their offset. */
export function formatClosing(instant: string, timeZone: string): string {
  const name = zoneNameIn(new Date(instant), "longGeneric", timeZone);
  return name.startsWith("GMT") ? formatClock(instant, timeZone) : `${formatTime(instant, timeZone)}, ${name}`;
}
