import { formatCount, formatTenths } from "../../format/numbers.ts";
import { textOf } from "../../i18n/text.ts";

/** `3.1/s`, `512/s`. */
export const formatRate = (perSecond: number) =>
  textOf("event-flow")("perSecond", {
    rate: perSecond > 0 && perSecond < 10 ? formatTenths(perSecond) : formatCount(perSecond),
  });

/** Seconds first, events second: `0.6 s · 312`; a zero stands alone. */
export const formatLag = (seconds: number, events: number) =>
  events === 0 ? "0" : `${formatSeconds(seconds)} · ${formatCount(events)}`;

export const formatSeconds = (seconds: number) =>
  textOf("event-flow")("seconds", { seconds: seconds < 10 ? formatTenths(seconds) : formatCount(seconds) });

/** Between two instants: `38 ms`, `2.1 s`. */
export function formatSpan(from: string, to: string): string {
  const ms = Math.max(0, Date.parse(to) - Date.parse(from));
  return ms < 1_000 ? textOf("event-flow")("ms", { ms: Math.round(ms) }) : formatSeconds(ms / 1_000);
}
