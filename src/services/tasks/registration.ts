/** Periods of registration: how one follows the other. Pure: instants and dates go in, instants and dates come out. */
import { Temporal } from "temporal-polyfill";

/** The open period. Period 0, the time before the first one, has no date and no end: it is always due. */
export type Registration = {
  period: number;
  /** `2026-11-22` in the configured time zone. */
  businessDate: string | null;
  /** 1, or 2, 3, … for the further periods of a day that was closed early. */
  part: number;
  endsAt: Date | null;
};

export type Period = { period: number; businessDate: string; part: number; beginsAt: Date; endsAt: Date };

/** Why a registration ends: its time has come, somebody asked for it, or there was none yet. */
export type EndCause = "schedule" | "request" | "founding";

/** Whether the registration has to be ended before anything can be registered at `now`. */
export function isDue(open: Registration, now: Date): boolean {
  return open.endsAt === null || now >= open.endsAt;
}

/**
 * The period that follows when the open one is ended at `now`.
 * - Due: it begins exactly where the open one was to end, so that days without activity follow one by one.
 * - Not due (an early close): it begins at `now`, is the next part of the same date and ends when the open one would have.
 *
 * Dates never go back and (date, part) is unique, even when the time zone was changed in between.
 */
export function periodAfter(open: Registration, now: Date, timeZone: string): Period {
  const beginsAt = open.endsAt !== null && isDue(open, now) ? open.endsAt : now;
  const localDate = Temporal.Instant.fromEpochMilliseconds(beginsAt.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
  const businessDate = open.businessDate !== null && open.businessDate > localDate ? open.businessDate : localDate;
  return {
    period: open.period + 1,
    businessDate,
    part: businessDate === open.businessDate ? open.part + 1 : 1,
    beginsAt,
    endsAt: endOfDay(businessDate, timeZone),
  };
}

/** Why a registration ends now: because it is due, because somebody asked, or because it is the time before the first one. */
export function causeOfEnd(open: Registration, now: Date): EndCause {
  if (open.period === 0) return "founding";
  return isDue(open, now) ? "schedule" : "request";
}

/**
 * The first instant that is no longer of this date: the beginning of the next local date. That is not always midnight
 * (where clocks go forward at 00:00 the date begins at 01:00) and not always the next date of the calendar (Samoa had no
 * 30 December 2011).
 */
export function endOfDay(date: string, timeZone: string): Date {
  const next = Temporal.PlainDate.from(date).add({ days: 1 }).toZonedDateTime({ timeZone });
  return new Date(next.epochMilliseconds);
}
