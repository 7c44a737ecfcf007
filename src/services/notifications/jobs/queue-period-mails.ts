/**
 * Queues all mails of a period once all of it is here: payslips, the report (to admins), the audit log (to admins and
 * accountants, the two roles that may see all accounts). Never for half a period: sixteen barriers, and behind each
 * exactly the entries and statements that accounting counted (less what people discarded, which the audit log says). Looks at what there is, so no order of arrival is missed.
 */
import { Temporal } from "temporal-polyfill";
import type { Role } from "../../../people/policy.ts";
import type { Ctx, Job } from "../../../platform/service.ts";
import { listActive, queueForEach, queuePayslips } from "../mail-store.ts";
import { findEarned, findTopTask, markMailsQueued, takeCompletePeriod } from "../period-store.ts";
import type { AuditData } from "../rendering/audit.ts";
import type { ReportData } from "../rendering/report.ts";

const reportReaders: readonly Role[] = ["admin"];
const auditReaders: readonly Role[] = ["admin", "accountant"];

export const queuePeriodMailsJob: Job = {
  name: "queue-period-mails",
  everyMs: 2_000,
  run: async ({ transact }) => await transact("send.report", "system:mail", queueMailsOfOnePeriod),
};

async function queueMailsOfOnePeriod({ sql, now }: Ctx): Promise<number> {
  const readers = await listActive(sql, auditReaders);
  const managers = readers.filter((reader) => reader.roles.some((role) => reportReaders.includes(role)));
  // A new installation may hear of its first close before it hears of its admins.
  if (managers.length === 0) return 0;
  const complete = await takeCompletePeriod(sql);
  if (complete === undefined) return 0;
  const { announced, discarded } = complete;
  const { period } = announced;
  const [dayBefore = "", weekBefore = ""] = [-1, -7].map((days) => dayFrom(announced.businessDate, days));
  const [earnedDayBefore = null, earnedWeekBefore = null] = await findEarned(sql, [dayBefore, weekBefore]);
  const earlier = { dayBefore, earnedDayBefore, weekBefore, earnedWeekBefore };
  const topTask = (await findTopTask(sql, period)) ?? null;

  await queuePayslips(sql, period, now);
  await queueForEach(sql, {
    kind: "report",
    period,
    data: { announced, topTask, earlier } satisfies ReportData,
    to: managers.map((reader) => reader.userId),
    now,
  });
  await queueForEach(sql, {
    kind: "audit",
    period,
    data: { announced, discarded } satisfies AuditData,
    to: readers.map((reader) => reader.userId),
    now,
  });
  await markMailsQueued(sql, period, now);
  return 1;
}

/** The calendar day so many days later. */
function dayFrom(day: string, days: number): string {
  return Temporal.PlainDate.from(day).add({ days }).toString();
}
