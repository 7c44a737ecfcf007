/** Rules of days away. Pure: what is there and a wish go in, what is to be saved comes out, or a refusal. */
import { Temporal } from "temporal-polyfill";
import { isDay } from "../../platform/day.ts";
import { Refusal } from "../../platform/refusal.ts";
import type { Actor } from "../../platform/service.ts";

export type Absence = {
  absenceId: string;
  userId: string;
  /** Days in the company's calendar, both included. */
  firstDay: string;
  lastDay: string;
  /** Open tasks go to others when it begins; else they stay. */
  reassign: boolean;
  note: string;
};

export type AbsenceWish = Pick<Absence, "firstDay" | "lastDay" | "reassign" | "note">;

export const MAX_DAYS = 366;
export const MAX_NOTE = 200;
/** How far ahead an absence may begin. */
const MAX_AHEAD_DAYS = 730;

/** Whether somebody marks the days of others: managers and admins do. */
export function maySeeAbsences(actor: Actor): boolean {
  return actor.roles.some((role) => role === "manager" || role === "admin");
}

/** Everybody marks their own days, managers and admins anybody's. What is somebody else's is refused as if it were not there. */
export function mayMark(actor: Actor, userId: string): boolean {
  return userId === actor.userId || maySeeAbsences(actor);
}

/**
 * What an absence becomes: a new one, or `before` changed. The beginning of one that has begun stays, for the days that
 * were are what they were.
 * @param others the person's other absences
 * @throws Refusal `bad-absence`, `absence-over`, `absence-begun`, `absence-overlaps`
 */
export function decideAbsence(
  wish: AbsenceWish,
  today: string,
  others: readonly Pick<Absence, "firstDay" | "lastDay">[],
  before?: Absence,
): AbsenceWish {
  const [first, last] = [realDay("/firstDay", wish.firstDay), realDay("/lastDay", wish.lastDay)];
  const days = first.until(last).days + 1;
  if (days < 1) throw bad("/lastDay", "must not be before the first day");
  if (days > MAX_DAYS) throw bad("/lastDay", `must not be more than ${MAX_DAYS} days away`);
  if (Temporal.PlainDate.from(today).until(first).days > MAX_AHEAD_DAYS) {
    throw bad("/firstDay", "must not be more than two years ahead");
  }
  if (before !== undefined) assertNotOver(before, today);
  const begun = before !== undefined && before.firstDay <= today;
  if (begun && wish.firstDay !== before.firstDay) {
    throw new Refusal("conflict", "absence-begun", "It has begun: only its last day can be changed.");
  }
  if (!begun && wish.firstDay < today) throw bad("/firstDay", "must not be in the past");
  if (wish.lastDay < today) throw bad("/lastDay", "must not be in the past");
  if (others.some((other) => other.firstDay <= wish.lastDay && wish.firstDay <= other.lastDay)) {
    throw new Refusal("conflict", "absence-overlaps", "Some of these days are marked already.");
  }
  return { ...wish, note: wish.note.toWellFormed().replaceAll("\0", "").trim() };
}

/** Refuses to touch an absence that lies behind. */
export function assertNotOver(absence: Absence, today: string): void {
  if (absence.lastDay < today) throw new Refusal("conflict", "absence-over", "These days are over.");
}

function realDay(path: string, day: string): Temporal.PlainDate {
  if (!isDay(day)) throw bad(path, "is not a day of the calendar");
  return Temporal.PlainDate.from(day);
}

const bad = (path: string, message: string) =>
  new Refusal("invalid", "bad-absence", "These cannot be days away.", { fields: [{ path, message }] });
