/** CSV that spreadsheets open as it is meant: UTF-8 with BOM, semicolons for Russian, no cell that runs as a formula. */
import type { Language } from "./format.ts";

/** What makes a spreadsheet take a text for a formula. */
const formula = /^[=+\-@\t\r]/;

/**
 * @param rows cells; numbers come as `{ number }`, already as plain decimals, and are written as they are
 */
export function toCsv(rows: readonly (readonly (string | { number: string })[])[], language: Language): string {
  const separator = language === "ru" ? ";" : ",";
  const cell = (value: string | { number: string }) => {
    if (typeof value !== "string") return value.number;
    const safe = formula.test(value) ? `'${value}` : value;
    return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `\uFEFF${rows.map((row) => row.map(cell).join(separator)).join("\r\n")}\r\n`;
}
