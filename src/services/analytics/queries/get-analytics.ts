import type { Static } from "typebox";
import type { Sql } from "../../../platform/service.ts";
import {
  type DayRow,
  findPresent,
  listBelowZeroAt,
  listBelowZeroNow,
  listDays,
  listArrivalFindings,
  type Present,
} from "../day-store.ts";
import { isFinal, moneyFindings } from "../day.ts";
import type { Analytics } from "../shapes.ts";
import { daysBefore, readDay } from "../span.ts";

/** How many popugs below zero are named, how many days the series has, how many findings are told. */
const MAX_NAMED = 100;
const SERIES_DAYS = 30;
const MAX_FINDINGS = 50;

/**
 * The company on a day: what management earned (fees minus rewards), who is below zero, and the 30 days up to it. Today
 * is the latest business date of any event; without any, the calendar's (`before`). Popugs below zero are those of
 * now for today, and those at the close for a past day.
 */
export async function getAnalytics(
  sql: Sql,
  asked: string | undefined,
  before: Present,
): Promise<Static<typeof Analytics>> {
  const { today, currency } = await findPresent(sql, before);
  const day = asked ?? today;
  readDay(day);
  const days = await listDays(sql, daysBefore(day, SERIES_DAYS - 1), day);
  const row = days.find((candidate) => candidate.day === day);
  const now = await listBelowZeroNow(sql, MAX_NAMED);
  const isToday = day >= today;
  const popugs = isToday
    ? now.popugs
    : row?.lastPeriod === null || row === undefined
      ? []
      : await listBelowZeroAt(sql, row.lastPeriod, MAX_NAMED);
  return {
    today,
    currency: row?.currency ?? currency,
    ...(row ? figures(row) : nothingYet(day)),
    ...(isToday && { negativeCount: now.count }),
    asOf: row?.asOf?.toISOString() ?? null,
    popugsBelowZero: popugs,
    findings: [...(row ? moneyFindings(row) : []), ...(await listArrivalFindings(sql, day, MAX_FINDINGS))],
    series: days.map((candidate) => ({
      ...figures(candidate),
      ...(candidate.day >= today && { negativeCount: now.count }),
    })),
  };
}

function nothingYet(day: string) {
  return { day, earnedMinor: 0, feesMinor: 0, rewardsMinor: 0, negativeCount: null, final: false };
}

function figures(row: DayRow) {
  return {
    day: row.day,
    earnedMinor: row.feesMinor - row.rewardsMinor,
    feesMinor: row.feesMinor,
    rewardsMinor: row.rewardsMinor,
    negativeCount: row.negativeCount,
    final: isFinal(row),
  };
}
