/**
 * Queues all mails of a period once all of it is here: payslips, the report (to admins), the audit log (to admins and
 * accountants, the two roles that may see all accounts). Never for half a period: sixteen barriers, and behind each
 * exactly the entries and statements that accounting counted (less what people discarded, which the audit log says). Looks at what there is, so no order of arrival is missed.
 */
import { Temporal } from "temporal-polyfill";
import type { Ctx, Job } from "../../../platform/service.ts";
import { readers } from "../mail-choice.ts";
import { listActive, queueMails, queuePayslips } from "../mail-store.ts";
import { findEarned, findLeftOut, findTopTask, markMailsQueued, takeCompletePeriod } from "../period-store.ts";
import type { AuditData } from "../rendering/audit.ts";
import type { ReportData } from "../rendering/report.ts";

export const queuePeriodMailsJob: Job = {
  name: "queue-period-mails",
  everyMs: 2_000,
  run: async ({ transact }) => await transact("send.report", "system:mail", queueMailsOfOnePeriod),
};

/** Two weeks, so that weekdays can be compared. */
const CHARTED_DAYS = 14;

async function queueMailsOfOnePeriod({ sql, now }: Ctx): Promise<number> {
  const auditors = await listActive(sql, readers.audit);
  const managers = auditors.filter(({ roles }) => readers.report.some((role) => roles.includes(role)));
  // A new installation may hear of its first close before it hears of its admins.
  if (managers.length === 0) return 0;
  const complete = await takeCompletePeriod(sql);
  if (complete === undefined) return 0;
  const { announced, discarded, traceparent } = complete;
  const { period } = announced;
  const [dayBefore = "", weekBefore = ""] = [-1, -7].map((days) => dayFrom(announced.businessDate, days));
  const [earnedDayBefore = null, earnedWeekBefore = null] = await findEarned(sql, [dayBefore, weekBefore]);
  const earlier = { dayBefore, earnedDayBefore, weekBefore, earnedWeekBefore };
  const days = Array.from({ length: CHARTED_DAYS }, (_, n) => dayFrom(announced.businessDate, n + 1 - CHARTED_DAYS));
  const earned = await findEarned(sql, days);
  const byDay = days.map((day, n) => ({ day, earnedMinor: earned[n] ?? null }));
  const leftOut = discarded === 0 ? [] : await findLeftOut(sql, period);
  const topTask = (await findTopTask(sql, period)) ?? null;

  await queuePayslips(sql, { period, now, traceparent });
  const mailsOf = (kind: "report" | "audit", to: readonly { userId: string }[], data: ReportData | AuditData) =>
    to.map(({ userId }) => ({ key: `${kind}:${period}:${userId}`, kind, userId, data, period, traceparent }));
  await queueMails(
    sql,
    [
      ...mailsOf("report", managers, { announced, topTask, earlier, byDay } satisfies ReportData),
      ...mailsOf("audit", auditors, { announced, discarded, leftOut } satisfies AuditData),
    ],
    now,
  );
  await markMailsQueued(sql, period, now);
  return 1;
}

/** The calendar day so many days later. */
function dayFrom(day: string, days: number): string {
  return Temporal.PlainDate.from(day).add({ days }).toString();
}
