/** When the figures of a day are final, and what is wrong with them if they never will be. */
import type { DayRow, Finding } from "./day-store.ts";

/** The money that differs from what accounting announced, though all of the day has arrived. */
export function moneyFindings(day: DayRow): Finding[] {
  if (!day.complete || day.lastPeriod === null) return [];
  const sides = [
    { what: "fees", expected: day.announcedFeesMinor ?? 0, counted: day.feesMinor },
    { what: "rewards", expected: day.announcedRewardsMinor ?? 0, counted: day.rewardsMinor },
  ];
  const period = day.lastPeriod;
  return sides
    .filter(({ expected, counted }) => expected !== counted)
    .map((side) => ({ period, partition: null, ...side }));
}

/** Nothing of the day can change any more, and it is what accounting announced. */
export function isFinal(day: DayRow): boolean {
  return day.complete && moneyFindings(day).length === 0;
}
