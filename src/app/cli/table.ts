/** Rows as an aligned table for a terminal; numbers and amounts stand on the right. */
import { printable } from "./printable.ts";

type Cell = string | number;

/** @param right names of the columns whose texts are figures */
export function table(columns: readonly string[], rows: readonly Cell[][], right: readonly string[] = []): string {
  const all = [columns, ...rows].map((row) => row.map((cell) => printable(String(cell))));
  const widths = columns.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[], isHeader: boolean, source?: readonly Cell[]) =>
    row
      .map((text, i) => {
        const isFigure = right.includes(columns[i] ?? "") || (!isHeader && typeof source?.[i] === "number");
        return isFigure ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0);
      })
      .join("  ")
      .trimEnd();
  const [header = [], ...body] = all;
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return `${[line(header, true), rule, ...body.map((row, i) => line(row, false, rows[i]))].join("\n")}\n`;
}
