/** The sheet that all mails share: white on a cool canvas, hairlines, one accent. Inline styles, no outside request. */
import { Html, html } from "./html.ts";

/** One line with a figure at its right; `tone` colours the figure. */
export type Row = { label: string; value: string; tone?: "plus" | "minus" };

/** Lines below a heading, dated where there is a time. */
export type Section = {
  title: string;
  lines: { time: string; label: string; value: string; tone?: "plus" | "minus" }[];
  more: string | null;
};

/** The parts of a mail; text and HTML are made of the same ones, so they say the same. */
export type Sheet = {
  language: string;
  subject: string;
  lead: string;
  /** The figure the mail is about. */
  hero: string | null;
  /** A balance below zero is red, here as in the app. */
  heroTone?: "below";
  note: string | null;
  rows: Row[];
  /** An image that is attached under this name; its figures are its words, for readers that show none. */
  chart?: { name: string; title: string; values: { label: string; value: string }[] };
  sections: Section[];
  button: { label: string; url: string };
  footer: string;
};

const ink = "#1b1c22";
const quiet = "#565862";
const hairline = "1px solid #e6e7eb";
const figure = "text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;padding:6px 0 6px 16px;";
const red = "#b3261e";
const tones = { plus: "color:#11703f;", minus: `color:${ink};` };

/** For readers who have their mail dark; those that do not know it show the light one. */
const dark = `<style>@media (prefers-color-scheme:dark){
.canvas{background:#0f1014!important;color:#f0f0f3!important}.sheet{background:#17181d!important;border-color:#2b2c33!important}
.quiet{color:#a5a7b0!important}.hero,.figure,.minus{color:#f0f0f3!important}.plus{color:#6fdca5!important}.below{color:#f58a84!important}
.line{border-color:#2b2c33!important}}</style>`;

/** The HTML part. */
export function toHtml(sheet: Sheet): string {
  return html`<!doctype html>
<html lang="${sheet.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>${sheet.subject}</title>${new Html(dark)}</head>
<body class="canvas" style="margin:0;background:#f3f4f6;color:${ink};font:15px/22px Inter,'Segoe UI',Arial,sans-serif;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:32px 12px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="sheet" style="max-width:560px;background:#fff;border:${hairline};border-radius:12px;">
<tr><td style="padding:32px;">
${sheet.hero === null ? "" : html`<div style="display:none;max-height:0;overflow:hidden;">${sheet.lead}: ${sheet.hero}</div>`}
<p style="margin:0 0 36px;font-size:16px;font-weight:600;letter-spacing:-.012em;">UberPopug</p>
<p class="quiet" style="margin:0;color:${quiet};">${sheet.lead}</p>
${sheet.hero === null ? "" : html`<p class="${sheet.heroTone ?? "hero"}" style="margin:6px 0 0;font-size:40px;line-height:48px;font-weight:600;letter-spacing:-.035em;color:${sheet.heroTone === "below" ? red : ink};">${sheet.hero}</p>`}
${sheet.note === null ? "" : html`<p style="margin:12px 0 0;">${sheet.note}</p>`}
${sheet.rows.length === 0 ? "" : rowsTable(sheet.rows)}
${sheet.chart === undefined ? "" : chartImage(sheet.chart)}
${sheet.sections.map(sectionTable)}
<p style="margin:28px 0;"><a href="${sheet.button.url}" style="display:inline-block;background:#4a47d6;color:#fff;text-decoration:none;font-weight:600;border-radius:8px;padding:10px 18px;">${sheet.button.label}</a></p>
<p class="quiet" style="margin:0;color:${quiet};font-size:13px;line-height:20px;">${sheet.footer}</p>
</td></tr></table>
</td></tr></table>
</body></html>
`.text;
}

function rowsTable(rows: readonly Row[]): Html {
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin-top:24px;">${rows.map(
    (row) =>
      html`<tr><td class="quiet" style="padding:6px 0;color:${quiet};">${row.label}</td><td class="${row.tone ?? "figure"}" style="${figure}${row.tone ? tones[row.tone] : ""}">${row.value}</td></tr>`,
  )}</table>`;
}

function chartImage({ name, title, values }: NonNullable<Sheet["chart"]>): Html {
  const inWords = values.map(({ label, value }) => `${label}: ${value}`).join(", ");
  return html`<p class="line" style="margin:20px 0 8px;padding-top:20px;border-top:${hairline};font-weight:600;">${title}</p>
<img src="cid:${name}" alt="${inWords}" width="494" style="display:block;width:100%;max-width:494px;height:auto;border:0;">
<p class="quiet" style="margin:4px 0 0;color:${quiet};font-size:13px;line-height:20px;">${values[0]?.label ?? ""} – ${values.at(-1)?.label ?? ""}</p>`;
}

function sectionTable(section: Section): Html {
  const timed = section.lines.some((line) => line.time !== "");
  const time = (text: string) =>
    timed
      ? html`<td class="quiet" style="padding:6px 16px 6px 0;color:${quiet};white-space:nowrap;vertical-align:top;">${text}</td>`
      : "";
  return html`<p class="line" style="margin:20px 0 8px;padding-top:20px;border-top:${hairline};font-weight:600;">${section.title}</p>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0">${section.lines.map(
    (line) =>
      html`<tr>${time(line.time)}<td style="padding:6px 0;width:100%;word-break:break-word;">${line.label}</td><td class="${line.tone ?? "figure"}" style="vertical-align:top;${figure}${line.tone ? tones[line.tone] : ""}">${line.value}</td></tr>`,
  )}</table>
${section.more === null ? "" : html`<p class="quiet" style="margin:8px 0 0;color:${quiet};">${section.more}</p>`}`;
}

/** The text part: figures in a column of their own, as on the sheet. */
export function toText(sheet: Sheet): string {
  const labels = Math.min(44, Math.max(0, ...sheet.rows.map((row) => row.label.length)));
  const values = Math.max(0, ...sheet.rows.map((row) => row.value.length));
  const lines = [
    sheet.lead,
    ...(sheet.hero === null ? [] : [sheet.hero]),
    ...(sheet.note === null ? [] : ["", sheet.note]),
    ...(sheet.rows.length === 0 ? [] : [""]),
    ...sheet.rows.map((row) => `${row.label.padEnd(labels)}  ${row.value.padStart(values)}`),
    ...(sheet.chart === undefined
      ? []
      : ["", sheet.chart.title, ...sheet.chart.values.map(({ label, value }) => `${label}  ${value}`)]),
    ...sheet.sections.flatMap(({ title, lines: dated, more }) => {
      const amounts = Math.max(0, ...dated.map((line) => line.value.length));
      const line = (one: Section["lines"][number]) =>
        [one.time, one.value.padStart(amounts), one.label].filter((part) => part !== "").join("  ");
      return ["", title, ...dated.map(line), ...(more === null ? [] : [more])];
    }),
    "",
    `${sheet.button.label}: ${sheet.button.url}`,
    "",
    sheet.footer,
  ];
  // Line ends inside of what people typed would pass for lines of ours.
  return `${lines.map((line) => line.replace(/[\r\n\u2028\u2029]+/g, " ")).join("\n")}\n`;
}
