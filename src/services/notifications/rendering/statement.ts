import { findPerson } from "../../../people/replica.ts";
import { toCsv } from "../../../platform/csv.ts";
import type { Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import { listStatements, type StatementOfPeriod } from "../statement-store.ts";
import { day, money, plainMoney } from "./format.ts";
import { periodName } from "./label.ts";
import type { Content, ToRender } from "./content.ts";
import { words } from "./words.ts";

/** More periods than these are in the attached file only. */
const MAX_LINES = 62;

/** Whose account over which business days; who reads it is known from the mail, and what people are called from elsewhere. */
export type StatementData = { userId: string; from: string; to: string };

/** The account over a range of days, period by period, as far as they are closed; the same as a file. */
export async function statementMail(sql: Sql, mail: ToRender, settings: Settings): Promise<Content> {
  const { userId, from, to } = mail.data as StatementData;
  const name = (await findPerson(sql, userId))?.name ?? userId;
  const statements = await listStatements(sql, userId, from, to);
  const { language } = mail;
  const say = words[language].statement;
  const [first, last] = [statements[0], statements.at(-1)];
  const [fromDay, toDay] = [day(from, language, true), day(to, language, true)];
  const show = (minor: number, signed = false) => money(minor, last?.currency ?? "USD", language, signed);
  const sum = (of: "creditsMinor" | "debitsMinor" | "payoutMinor") =>
    statements.reduce((total, statement) => total + statement[of], 0);
  const line = (s: StatementOfPeriod) => ({
    time: "",
    label: `${periodName(s.label, language)}: ${show(s.creditsMinor, true)}, ${show(-s.debitsMinor)}${s.payoutMinor > 0 ? `, ${say.paidOut(show(s.payoutMinor))}` : ""}`,
    value: show(s.closingMinor),
  });
  return {
    sheet: {
      ...{ language, subject: say.subject(fromDay, toDay), lead: say.lead(name, fromDay, toDay) },
      hero: last === undefined ? null : show(last.closingMinor),
      ...(last !== undefined && last.closingMinor < 0 && { heroTone: "below" as const }),
      note: last === undefined ? say.nothing : say.closedOnly,
      rows:
        first === undefined
          ? []
          : [
              { label: say.opening, value: show(first.openingMinor) },
              { label: say.credits, value: show(sum("creditsMinor"), true), tone: "plus" as const },
              { label: say.debits, value: show(-sum("debitsMinor")) },
              { label: say.payouts, value: show(-sum("payoutMinor")) },
            ],
      sections:
        first === undefined
          ? []
          : [
              {
                title: say.periods,
                lines: statements.slice(-MAX_LINES).map(line),
                more: statements.length > MAX_LINES ? say.more(statements.length - MAX_LINES) : null,
              },
            ],
      button: { label: words[language].payslip.button, url: `${settings.publicUrl}/account` },
      footer: say.footer,
    },
    attachments: first === undefined ? [] : [fileOf(statements, `statement-${from}-${to}.csv`, language)],
  };
}

function fileOf(statements: readonly StatementOfPeriod[], filename: string, language: ToRender["language"]) {
  const number = (minor: number, currency: string) => ({ number: plainMoney(minor, currency) });
  const rows = statements.map((s) => [
    ...[s.label, number(s.openingMinor, s.currency), number(s.creditsMinor, s.currency)],
    ...[number(s.debitsMinor, s.currency), number(s.payoutMinor, s.currency), number(s.closingMinor, s.currency)],
    s.currency,
  ]);
  const csv = toCsv([words[language].statement.columns, ...rows], { decimalComma: language === "ru" });
  return { filename, contentType: "text/csv; charset=utf-8", content: Buffer.from(`\uFEFF${csv}`) };
}
