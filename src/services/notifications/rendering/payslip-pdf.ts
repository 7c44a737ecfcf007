/** A payslip on paper: the mail's sheet as PDF, A4, in the app's own typeface. */
import { readFileSync } from "node:fs";
import { once } from "node:events";
import PDFDocument from "pdfkit";
import type { AuditLine, Statement } from "../statement-store.ts";
import { type Language, money, time } from "./format.ts";
import { periodName } from "./label.ts";
import { payslipNumber } from "./payslip.ts";
import { words } from "./words.ts";

/** Our typeface in two weights, Latin and Cyrillic: the web app's font as TrueType, which is what PDF takes. */
const REGULAR = new URL("./fonts/inter-400.ttf", import.meta.url);
const BOLD = new URL("./fonts/inter-600.ttf", import.meta.url);
const ink = "#1b1c22";
const quiet = "#565862";
const line = "#dcdde2";
const plus = "#11703f";
const LEFT = 56;
const RIGHT = 595.28 - 56;
const BOTTOM = 841.89 - 64;
const ROW = 20;

let faces: { regular: Buffer; bold: Buffer } | undefined;

export type PayslipOnPaper = {
  name: string;
  period: number;
  statement: Statement;
  lines: readonly AuditLine[];
  /** How many lines there are in all. */
  total: number;
};

/** The file. Times are those of the billing zone. */
export async function payslipPdf(slip: PayslipOnPaper, language: Language, timeZone: string): Promise<Buffer> {
  const { statement } = slip;
  const say = words[language].payslip;
  const name = periodName(statement.label, language);
  const show = (minor: number, signed = false) => money(minor, statement.currency, language, signed);
  const paid = statement.payoutMinor > 0;
  faces ??= { regular: readFileSync(REGULAR), bold: readFileSync(BOLD) };
  const title = paid ? say.subject(name, show(statement.payoutMinor)) : say.subjectUnpaid(name);
  const doc = new PDFDocument({ size: "A4", margin: 0, lang: language, info: { Title: title, Author: "UberPopug" } });
  const pieces: Buffer[] = [];
  doc.on("data", (piece: Buffer) => pieces.push(piece));
  const ended = once(doc, "end");
  doc.registerFont("regular", faces.regular).registerFont("bold", faces.bold);

  let y = 56;
  const text = (what: string, x: number, at: number, size: number, colour: string, bold = false, width?: number) =>
    doc
      .font(bold ? "bold" : "regular")
      .fontSize(size)
      .fillColor(colour)
      .text(what, x, at, {
        lineBreak: width !== undefined,
        ...(width !== undefined && { width, height: size * 1.3, ellipsis: true }),
      });
  const figure = (what: string, at: number, size: number, colour: string) =>
    text(what, RIGHT - doc.font("regular").fontSize(size).widthOfString(what), at, size, colour);
  const rule = (at: number) => doc.moveTo(LEFT, at).lineTo(RIGHT, at).lineWidth(0.6).strokeColor(line).stroke();

  text("UberPopug", LEFT, y, 12, ink, true);
  y += 44;
  text(paid ? say.paid(slip.name, name) : say.unpaid(slip.name, name), LEFT, y, 12, quiet, false, RIGHT - LEFT);
  y += 20;
  text(show(paid ? statement.payoutMinor : statement.closingMinor), LEFT, y, 34, ink, true);
  y += 60;
  const rows: [string, number, boolean, string][] = [
    [say.opening, statement.openingMinor, false, ink],
    [say.credits, statement.creditsMinor, true, plus],
    [say.debits, -statement.debitsMinor, false, ink],
    ...(paid ? [[say.payout, -statement.payoutMinor, false, ink] as [string, number, boolean, string]] : []),
    [say.closing, statement.closingMinor, false, ink],
  ];
  for (const [label, minor, signed, colour] of rows) {
    text(label, LEFT, y, 11, quiet);
    figure(show(minor, signed), y, 11, colour);
    y += ROW;
  }
  y += 8;
  rule(y);
  y += 16;
  if (slip.lines.length > 0) {
    text(say.lines, LEFT, y, 11, ink, true);
    y += ROW + 2;
  }
  for (const entry of slip.lines) {
    if (y > BOTTOM - ROW) {
      doc.addPage();
      y = 56;
    }
    const amount = show(entry.amountMinor, true);
    text(time(entry.occurredAt, language, timeZone), LEFT, y, 10, quiet);
    const label = [entry.jiraId, entry.title, words[language].kinds[entry.kind]].filter((word) => word !== null);
    text(label.join(" · "), LEFT + 48, y, 10, ink, false, RIGHT - LEFT - 150);
    figure(amount, y, 10, entry.amountMinor > 0 ? plus : ink);
    y += ROW - 2;
  }
  if (slip.total > slip.lines.length) text(say.more(slip.total - slip.lines.length), LEFT, y, 10, quiet);
  y = Math.max(y + 20, Math.min(y + 20, BOTTOM));
  if (y > BOTTOM) {
    doc.addPage();
    y = 56;
  }
  text(
    `${say.footer(name)} ${say.number(payslipNumber(statement.label, slip.period))}`,
    LEFT,
    y,
    9,
    quiet,
    false,
    RIGHT - LEFT,
  );
  doc.end();
  await ended;
  return Buffer.concat(pieces);
}
