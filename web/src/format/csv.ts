/** CSV that spreadsheets open as it is meant: UTF-8 with BOM, semicolons for Russian, no cell that runs as a formula. */
import { type Language, language } from "./language.ts";

/** A number or amount comes as `{ plain }` and is written as it is; a text is made harmless. */
export type Cell = string | { plain: string | number } | null;

/** What makes a spreadsheet take a text for a formula. */
const formula = /^[=+\-@\t\r]/;

export function csvOf(rows: readonly (readonly Cell[])[], of: Language = language): string {
  const separator = of === "ru" ? ";" : ",";
  const cell = (value: Cell) => {
    if (value === null) return "";
    if (typeof value !== "string") return String(value.plain);
    const safe = formula.test(value) ? `'${value}` : value;
    return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `\uFEFF${rows.map((row) => row.map(cell).join(separator)).join("\r\n")}\r\n`;
}

/** Whole minor units as a plain decimal with a point: -1230 → `-12.30`. Exact for any amount. */
export function decimal(minor: number, currency: string): { plain: string } {
  const digits =
    new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  const text = String(Math.abs(minor)).padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits);
  return { plain: (minor < 0 ? "-" : "") + whole + (digits === 0 ? "" : `.${text.slice(-digits)}`) };
}

/** Lets the browser save it. */
export function saveCsv(name: string, rows: readonly (readonly Cell[])[]): void {
  const url = URL.createObjectURL(new Blob([csvOf(rows)], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
