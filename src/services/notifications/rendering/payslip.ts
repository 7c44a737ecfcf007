import type { Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import { UnsendableMail } from "../../../platform/mail/address.ts";
import { findStatement, listAuditLines } from "../statement-store.ts";
import { money, time } from "./format.ts";
import { periodName } from "./label.ts";
import type { Row } from "./page.ts";
import type { Content, OfPeriod } from "./content.ts";
import { words } from "./words.ts";

/** A mail stays below a hundred kilobytes: more lines than these are in the app. */
const MAX_LINES = 100;

/** What a popug is paid for a period, or what is carried over, and why. */
export async function payslipMail(sql: Sql, mail: OfPeriod, settings: Settings): Promise<Content> {
  const statement = await findStatement(sql, mail.period, mail.userId);
  if (statement === undefined) throw new UnsendableMail(`no statement of period ${mail.period} for ${mail.userId}`);
  const { lines, total } = await listAuditLines(sql, mail.period, mail.userId, MAX_LINES);
  const { language } = mail;
  const say = words[language].payslip;
  const show = (minor: number, signed = false) => money(minor, statement.currency, language, signed);
  const name = periodName(statement.label, language);
  const paid = statement.payoutMinor > 0;
  const rows: Row[] = [
    { label: say.credits, value: show(statement.creditsMinor, true), tone: "plus" },
    { label: say.debits, value: show(-statement.debitsMinor) },
    { label: say.opening, value: show(statement.openingMinor) },
    // After a payout nothing is left: what was paid is the figure above.
    ...(paid ? [] : [{ label: say.closing, value: show(statement.closingMinor) }]),
  ];
  return {
    sheet: {
      language,
      subject: paid ? say.subject(name, show(statement.payoutMinor)) : say.subjectUnpaid(name),
      lead: paid ? say.paid(mail.name, name) : say.unpaid(mail.name, name),
      hero: show(paid ? statement.payoutMinor : statement.closingMinor),
      ...(statement.closingMinor < 0 && { heroTone: "below" as const }),
      note: paid ? null : statement.closingMinor < 0 ? say.carried(show(statement.closingMinor)) : say.zero,
      rows,
      sections:
        total === 0
          ? []
          : [
              {
                title: say.lines,
                lines: lines.map((line) => ({
                  time: time(line.occurredAt, language, statement.timeZone ?? settings.timeZone),
                  label: [line.jiraId, line.title, words[language].kinds[line.kind]]
                    .filter((word) => word !== null)
                    .join(" · "),
                  value: show(line.amountMinor, true),
                  tone: line.amountMinor > 0 ? "plus" : "minus",
                })),
                more: total > lines.length ? say.more(total - lines.length) : null,
              },
            ],
      button: { label: say.button, url: `${settings.publicUrl}/account` },
      footer: `${say.footer(name)} ${say.number(payslipNumber(statement.label, mail.period))}`,
    },
  };
}

/** `PS-20261121-17`: by which people name a payslip. */
export function payslipNumber(label: string, period: number): string {
  return `PS-${label.replaceAll("-", "").replace("/", "-")}-${period}`;
}
