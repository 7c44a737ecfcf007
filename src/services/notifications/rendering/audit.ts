import { gzip } from "node:zlib";
import { promisify } from "node:util";
import { toCsv } from "../../../platform/csv.ts";
import type { Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import type { Discarded } from "../../../contracts/accounting/billing.closed.v1.ts";
import type { BillingClosed } from "../period-store.ts";
import { listAuditLog, sumLines } from "../statement-store.ts";
import { type KindSum, trialBalanceOf } from "../trial-balance.ts";
import { discardedSection } from "./discarded.ts";
import { type Language, money, plainMoney } from "./format.ts";
import { periodName } from "./label.ts";
import type { Content, OfPeriod } from "./content.ts";
import { words } from "./words.ts";

/** More entries than these do not go into one mail; and what is larger than a megabyte goes compressed. */
const MAX_LINES = 200_000;
const MAX_PLAIN_BYTES = 1024 * 1024;

export type AuditData = {
  announced: BillingClosed;
  /** Events of the period that people decided to leave out of this log. */
  discarded: number;
  /** Which ones. A mail that was queued before this was kept has none. */
  leftOut?: Discarded[];
};

/** The audit log of a period as an attached CSV, in order of time, with task titles; and the trial balance. */
export async function auditMail(sql: Sql, mail: OfPeriod, settings: Settings): Promise<Content> {
  const { announced, discarded, leftOut = [] } = mail.data as AuditData;
  const { lines, total } = await listAuditLog(sql, mail.period, MAX_LINES);
  const { language } = mail;
  const say = words[language].audit;
  const name = periodName(announced.label, language);
  const rows = lines.map((line) => [
    line.occurredAt.toISOString(),
    line.name ?? line.userId,
    words[language].kinds[line.kind],
    line.taskId ?? "",
    line.jiraId ?? "",
    line.title ?? "",
    { number: plainMoney(line.amountMinor, announced.currency) },
    announced.currency,
    line.entryId,
  ]);
  const csv = toCsv([say.columns, ...rows], { decimalComma: language === "ru" });
  const balance = trialBalance(await sumLines(sql, mail.period), announced, language);
  const filename = `audit-${announced.label.replace("/", "-")}.csv`;
  // Only behind a byte order mark do spreadsheets read UTF-8.
  const plain = Buffer.from(`\uFEFF${csv}`);
  return {
    sheet: {
      language,
      subject: say.subject(name),
      lead: say.title(name),
      hero: null,
      note: [
        say.intro(total),
        ...(total > lines.length ? [say.cut(lines.length)] : []),
        ...(discarded > 0 ? [say.discarded(discarded)] : []),
        say.lines(`${settings.publicUrl}/api/periods/${mail.period}/export`),
      ].join(" "),
      rows: [],
      sections: [
        balance.section,
        ...(await discardedSection(
          sql,
          [...(announced.discarded ?? []), ...leftOut],
          announced.discardedCount + discarded,
          language,
        )),
      ],
      button: { label: say.button, url: `${settings.publicUrl}/company` },
      footer: say.footer(announced.seal),
    },
    attachments: [
      plain.length > MAX_PLAIN_BYTES
        ? { filename: `${filename}.gz`, contentType: "application/gzip", content: await promisify(gzip)(plain) }
        : { filename, contentType: "text/csv; charset=utf-8", content: plain },
      balance.file,
    ],
  };
}

/** Debits and credits by kind of account, as lines of the mail and as a file. */
function trialBalance(sums: readonly KindSum[], { currency, label }: BillingClosed, language: Language) {
  const say = words[language].trialBalance;
  const lines = trialBalanceOf(sums).map((line) => ({ ...line, name: say.accounts[line.account] }));
  const sum = (of: "debitsMinor" | "creditsMinor") => lines.reduce((total, line) => total + line[of], 0);
  const all = [...lines, { name: say.sum, debitsMinor: sum("debitsMinor"), creditsMinor: sum("creditsMinor") }];
  const show = (minor: number) => money(minor, currency, language);
  const number = (minor: number) => ({ number: plainMoney(minor, currency) });
  const rows = all.map((line) => [line.name, number(line.debitsMinor), number(line.creditsMinor), currency]);
  const csv = toCsv([say.columns, ...rows], { decimalComma: language === "ru" });
  return {
    section: {
      title: say.title,
      lines: all.map((line) => ({
        ...{ time: "", label: line.name, value: `${show(line.debitsMinor)} / ${show(line.creditsMinor)}` },
      })),
      more: null,
    },
    file: {
      filename: `trial-balance-${label.replace("/", "-")}.csv`,
      contentType: "text/csv; charset=utf-8",
      content: Buffer.from(`\uFEFF${csv}`),
    },
  };
}
