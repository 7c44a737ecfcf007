import type { Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import type { BillingClosed } from "../period-store.ts";
import { listBelowZero } from "../statement-store.ts";
import { barChart } from "./chart.ts";
import { discardedSection } from "./discarded.ts";
import { count, day, money } from "./format.ts";
import { periodName } from "./label.ts";
import type { Row } from "./page.ts";
import type { Content, OfPeriod } from "./content.ts";
import { words } from "./words.ts";

const CHART = "earned-by-day.png";
/** How many popugs below zero the report names. */
const MAX_NAMED = 20;

/** What a report is made of; put together when it is queued, when all of the period is here. */
export type ReportData = {
  announced: BillingClosed;
  /** What was earned the day before and on the same weekday of the week before; null: nothing of that day was closed. */
  earlier: {
    dayBefore: string;
    earnedDayBefore: number | null;
    weekBefore: string;
    earnedWeekBefore: number | null;
  };
  /** What was earned on each of the last days, this one included; absent in mails from before it was kept. */
  byDay?: { day: string; earnedMinor: number | null }[];
  topTask: { title: string | null; jiraId: string | null; rewardMinor: number; name: string | null } | null;
};

/** The daily report to management: earned, paid out, below zero, most expensive task. */
export async function reportMail(sql: Sql, mail: OfPeriod, settings: Settings): Promise<Content> {
  const { announced, topTask, earlier, byDay = [] } = mail.data as ReportData;
  const belowZero = await listBelowZero(sql, mail.period, MAX_NAMED);
  const { language } = mail;
  const say = words[language].report;
  const show = (minor: number, signed = false) => money(minor, announced.currency, language, signed);
  const name = periodName(announced.label, language);
  const compared = (label: (day: string) => string, of: string, earned: number | null): Row[] =>
    earned === null ? [] : [{ label: label(day(of, language)), value: show(earned, true) }];
  /** What is rare has its line only on days on which it was. */
  const moved = (label: string, minor = 0): Row[] => (minor === 0 ? [] : [{ label, value: show(minor) }]);
  const rows: Row[] = [
    { label: say.fees, value: show(announced.feesMinor, true), tone: "plus" },
    { label: say.rewards, value: show(-announced.rewardsMinor) },
    ...compared(say.dayBefore, earlier.dayBefore, earlier.earnedDayBefore),
    ...compared(say.weekBefore, earlier.weekBefore, earlier.earnedWeekBefore),
    { label: say.paidOut(announced.payoutCount), value: show(announced.paidOutMinor) },
    ...moved(say.returned, announced.returnedMinor),
    ...moved(say.writtenOff, announced.writtenOffMinor),
    ...moved(say.opened, announced.openedMinor),
    { label: say.carried, value: show(announced.carriedMinor) },
    { label: say.entries, value: count(announced.entryCount, language) },
    ...(announced.discardedCount > 0
      ? [{ label: say.discarded, value: count(announced.discardedCount, language) }]
      : []),
    topTask === null
      ? { label: say.topTask, value: say.noTopTask }
      : {
          label: [say.topTask, topTask.jiraId, topTask.title, topTask.name].filter((word) => word !== null).join(" · "),
          value: show(topTask.rewardMinor),
        },
  ];
  return {
    sheet: {
      language,
      subject: say.subject(name, show(announced.earnedMinor)),
      lead: say.earned(name),
      hero: show(announced.earnedMinor),
      note: null,
      rows,
      ...(byDay.length > 0 && {
        chart: {
          ...{ name: CHART, title: say.byDay },
          values: byDay.map(({ day: of, earnedMinor }) => ({
            label: day(of, language),
            value: earnedMinor === null ? "–" : show(earnedMinor),
          })),
        },
      }),
      sections: [
        {
          title: `${say.belowZero}: ${count(announced.negativeCount, language)}`,
          lines: belowZero.map((popug) => ({
            time: "",
            label: popug.name ?? popug.userId,
            value: show(popug.closingMinor),
          })),
          more:
            announced.negativeCount > belowZero.length
              ? say.belowZeroMore(announced.negativeCount - belowZero.length)
              : null,
        },
        ...(await discardedSection(sql, announced.discarded ?? [], announced.discardedCount, language)),
      ],
      button: { label: say.button, url: `${settings.publicUrl}/company` },
      footer: say.footer(announced.seal.slice(0, 16)),
    },
    attachments:
      byDay.length === 0
        ? []
        : [
            {
              ...{ filename: CHART, contentType: "image/png", cid: CHART },
              content: barChart(byDay.map(({ earnedMinor }) => earnedMinor)),
            },
          ],
  };
}
