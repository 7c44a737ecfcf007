/** The sheet that all mails share: white on a cool canvas, hairlines, one accent. Inline styles, no outside request. */
import { type Html, html } from "./html.ts";

/** One line with a figure at its right; `tone` colours the figure. */
export type Row = { label: string; value: string; tone?: "plus" | "minus" };

/** The parts of a mail; text and HTML are made of the same ones, so they say the same. */
export type Sheet = {
  language: string;
  subject: string;
  lead: string;
  /** The figure the mail is about. */
  hero: string | null;
  note: string | null;
  rows: Row[];
  /** Dated lines below a heading. */
  section: {
    title: string;
    lines: { time: string; label: string; value: string; tone?: "plus" | "minus" }[];
    more: string | null;
  } | null;
  button: { label: string; url: string };
  footer: string;
};

const ink = "#1b1c22";
const quiet = "#565862";
const hairline = "1px solid #e6e7eb";
const figure = "text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;padding:6px 0 6px 16px;";
const tones = { plus: "color:#11703f;", minus: `color:${ink};` };

/** The HTML part. */
export function toHtml(sheet: Sheet): string {
  return html`<!doctype html>
<html lang="${sheet.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${sheet.subject}</title></head>
<body style="margin:0;background:#f3f4f6;color:${ink};font:15px/22px Inter,'Segoe UI',Arial,sans-serif;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:32px 12px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;background:#fff;border:${hairline};border-radius:12px;">
<tr><td style="padding:32px;">
<p style="margin:0 0 28px;font-weight:600;">Popug</p>
<p style="margin:0;color:${quiet};">${sheet.lead}</p>
${sheet.hero === null ? "" : html`<p style="margin:4px 0 0;font-size:40px;line-height:48px;font-weight:600;letter-spacing:-.035em;">${sheet.hero}</p>`}
${sheet.note === null ? "" : html`<p style="margin:12px 0 0;">${sheet.note}</p>`}
${sheet.rows.length === 0 ? "" : rowsTable(sheet.rows)}
${sheet.section === null ? "" : sectionTable(sheet.section)}
<p style="margin:28px 0;"><a href="${sheet.button.url}" style="display:inline-block;background:#4a47d6;color:#fff;text-decoration:none;font-weight:600;border-radius:8px;padding:10px 18px;">${sheet.button.label}</a></p>
<p style="margin:0;color:${quiet};font-size:13px;line-height:20px;">${sheet.footer}</p>
</td></tr></table>
</td></tr></table>
</body></html>
`.text;
}

function rowsTable(rows: readonly Row[]): Html {
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin-top:24px;">${rows.map(
    (row) =>
      html`<tr><td style="padding:6px 0;color:${quiet};">${row.label}</td><td style="${figure}${row.tone ? tones[row.tone] : ""}">${row.value}</td></tr>`,
  )}</table>`;
}

function sectionTable(section: NonNullable<Sheet["section"]>): Html {
  return html`<p style="margin:20px 0 8px;padding-top:20px;border-top:${hairline};font-weight:600;">${section.title}</p>
<table width="100%" cellpadding="0" cellspacing="0">${section.lines.map(
    (line) =>
      html`<tr><td style="padding:6px 16px 6px 0;color:${quiet};white-space:nowrap;vertical-align:top;">${line.time}</td><td style="padding:6px 0;width:100%;word-break:break-word;">${line.label}</td><td style="vertical-align:top;${figure}${line.tone ? tones[line.tone] : ""}">${line.value}</td></tr>`,
  )}</table>
${section.more === null ? "" : html`<p style="margin:8px 0 0;color:${quiet};">${section.more}</p>`}`;
}

/** The text part. */
export function toText(sheet: Sheet): string {
  const lines = [
    sheet.lead,
    ...(sheet.hero === null ? [] : [sheet.hero]),
    ...(sheet.note === null ? [] : ["", sheet.note]),
    "",
    ...sheet.rows.map((row) => `${row.label}: ${row.value}`),
    ...(sheet.section === null
      ? []
      : [
          "",
          sheet.section.title,
          ...sheet.section.lines.map((line) => `${line.time}  ${line.label}  ${line.value}`),
          ...(sheet.section.more === null ? [] : [sheet.section.more]),
        ]),
    "",
    `${sheet.button.label}: ${sheet.button.url}`,
    "",
    sheet.footer,
  ];
  // Line ends inside of what people typed would pass for lines of ours.
  return `${lines.map((line) => line.replace(/[\r\n\u2028\u2029]+/g, " ")).join("\n")}\n`;
}
