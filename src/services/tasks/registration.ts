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

/** When business days end: at a local time of a zone. From noon on it is that of their own date, before noon that of the next. */
export type Closing = { timeZone: string; closesAt: string };

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
 * Dates never go back and (date, part) is unique, even when zone or closing time were changed in between.
 */
export function periodAfter(open: Registration, now: Date, closing: Closing): Period {
  const beginsAt = open.endsAt !== null && isDue(open, now) ? open.endsAt : now;
  const businessDate = firstDateAt(beginsAt, open.businessDate, closing);
  return {
    period: open.period + 1,
    businessDate,
    part: businessDate === open.businessDate ? open.part + 1 : 1,
    beginsAt,
    endsAt: endOfDay(businessDate, closing),
  };
}

/** The first date, not before `notBefore`, that has not ended at an instant. */
function firstDateAt(instant: Date, notBefore: string | null, closing: Closing): string {
  const { timeZone } = closing;
  const here = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
  // Before noon it may still be the day before.
  let date = here.subtract({ days: 1 }).toString();
  if (notBefore !== null && notBefore > date) date = notBefore;
  while (endOfDay(date, closing) <= instant) date = Temporal.PlainDate.from(date).add({ days: 1 }).toString();
  return date;
}

/** Why a registration ends now: because it is due, because somebody asked, or because it is the time before the first one. */
export function causeOfEnd(open: Registration, now: Date): EndCause {
  if (open.period === 0) return "founding";
  return isDue(open, now) ? "schedule" : "request";
}

/**
 * The first instant that is no longer of this business day. Closing at 00:00, that is the beginning of the next local date: not
 * always midnight (where clocks go forward at 00:00 the date begins at 01:00) and not always the next date of the calendar
 * (Samoa had no 30 December 2011). A closing time that clocks skip is as much later, of one that comes twice the first counts.
 */
export function endOfDay(date: string, { timeZone, closesAt }: Closing): Date {
  const day = Temporal.PlainDate.from(date);
  const end = closesAt < "12:00" ? day.add({ days: 1 }) : day;
  const plainTime = closesAt === "00:00" ? undefined : Temporal.PlainTime.from(closesAt);
  return new Date(end.toZonedDateTime({ timeZone, plainTime }).epochMilliseconds);
}
