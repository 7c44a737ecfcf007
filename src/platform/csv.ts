/** CSV (RFC 4180) that spreadsheets open as it is meant: no cell of it runs as a formula. */

/** A text, or a number as a plain decimal with a point. */
export type Cell = string | { number: string };

/**
 * What may make a spreadsheet take a text for a formula or a command: these signs (also in their full-width forms), at the
 * beginning or behind what is passed over there. A blank first character is kept from being taken off alike.
 */
const formula = /^[\s\p{Cc}]*[=+\-@%|\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/u;

/**
 * Lines that end in CR LF. A text that would run begins with an apostrophe instead. `decimalComma` is for spreadsheets of
 * languages that write numbers so: cells are separated by semicolons there, and a number with a point would be a text.
 */
export function toCsv(rows: readonly (readonly Cell[])[], { decimalComma = false } = {}): string {
  const cell = (value: Cell) => {
    if (typeof value !== "string") return decimalComma ? value.number.replace(".", ",") : value.number;
    const safe = formula.test(value) ? `'${value}` : value;
    return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => `${row.map(cell).join(decimalComma ? ";" : ",")}\r\n`).join("");
}
