/** Times for display. Days, and how long ago: `days.ts`, which comes with the pages. */
import { locale } from "./language.ts";

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
