/** Midnight needs nobody: the period that is due ends also when no command comes along. */
import type { Job } from "../../../platform/service.ts";
import { type Calendar, endDuePeriods, isPeriodDue } from "../registration-store.ts";

export function endDuePeriodsJob(calendar: Calendar): Job {
  return {
    name: "end-due-periods",
    everyMs: 1_000,
    run: async (tools) => ((await isPeriodDue(tools.sql)) ? await endDuePeriods(tools, calendar) : 0),
  };
}
