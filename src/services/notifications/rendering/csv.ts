/** CSV that spreadsheets open as it is meant: UTF-8 with BOM, semicolons and decimal commas for Russian, no cell that runs as a formula. */
import type { Language } from "./format.ts";

/** What makes a spreadsheet take a text for a formula. */
const formula = /^[=+\-@\t\r]/;

/**
 * @param rows cells; numbers come as `{ number }`, already as plain decimals with a point
 */
export function toCsv(rows: readonly (readonly (string | { number: string })[])[], language: Language): string {
  const separator = language === "ru" ? ";" : ",";
  const cell = (value: string | { number: string }) => {
    // A spreadsheet that separates by semicolons takes `-12.30` for a text, and sums it up as nothing.
    if (typeof value !== "string") return language === "ru" ? value.number.replace(".", ",") : value.number;
    const safe = formula.test(value) ? `'${value}` : value;
    return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `\uFEFF${rows.map((row) => row.map(cell).join(separator)).join("\r\n")}\r\n`;
}
