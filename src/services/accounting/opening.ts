/** Balances from other books, as a file says them: lines of CSV become amounts, or a reason by line why not. Pure. */
import { parse } from "csv-parse/sync";
import { Refusal } from "../../platform/refusal.ts";
import { minorPerUnit } from "./money.ts";

/** Source of the postings that bring balances in. */
export const OPENING_SOURCE = "opening";

export const MAX_BALANCES = 10_000;

/** `line` counts from 1; the header is line 1. */
export type Rejected = { line: number; reason: string };
/** `who`: a login or a user id, as it stands there. Not zero. */
export type BalanceLine = { line: number; who: string; amountMinor: number };

/**
 * CSV with a header that names `amount` and `login` or `userId`; other columns are passed over. Amounts are in whole units with a
 * point, such as `12.50` or `-3`.
 * @throws Refusal `bad-balances-file`, `import-too-long`
 */
export function readBalances(csv: string, currency: string): { lines: BalanceLine[]; rejected: Rejected[] } {
  let rows: string[][];
  try {
    rows = parse(csv, { bom: true, relax_column_count: true, skip_empty_lines: false });
  } catch (error) {
    throw new Refusal("invalid", "bad-balances-file", `The file cannot be read as CSV: ${(error as Error).message}`);
  }
  const header = (rows[0] ?? []).map((name) => name.trim().toLowerCase());
  const column = { who: header.indexOf("login"), amount: header.indexOf("amount") };
  if (column.who < 0) column.who = header.indexOf("userid");
  if (column.who < 0 || column.amount < 0) {
    const text = "The first line of the CSV text has to name a column “amount” and one “login” or “userId”.";
    throw new Refusal("invalid", "bad-balances-file", text);
  }
  if (rows.length - 1 > MAX_BALANCES) {
    throw new Refusal("too-large", "import-too-long", `One import takes up to ${MAX_BALANCES} lines; please split it.`);
  }
  const reading = { lines: [] as BalanceLine[], rejected: [] as Rejected[] };
  const seen = new Map<string, number>();
  for (const [i, row] of rows.slice(1).entries()) {
    const line = i + 2;
    if (row.every((field) => field.trim() === "")) continue;
    const who = (row[column.who] ?? "").trim();
    const amountMinor = readAmount((row[column.amount] ?? "").trim(), currency);
    const first = seen.get(who.toLowerCase());
    if (who === "") reading.rejected.push({ line, reason: "it names nobody" });
    else if (typeof amountMinor === "string") reading.rejected.push({ line, reason: amountMinor });
    else if (first !== undefined) reading.rejected.push({ line, reason: `line ${first} names ${who} already` });
    else reading.lines.push({ line, who, amountMinor });
    if (who !== "" && first === undefined) seen.set(who.toLowerCase(), line);
  }
  return reading;
}

function readAmount(text: string, currency: string): number | string {
  const unit = minorPerUnit(currency);
  const match = /^(-?)(\d{1,9})(?:\.(\d{1,3}))?$/.exec(text);
  if (match === null) return `“${text}” is no amount such as 12.50 or -3`;
  const [, sign, whole, fraction = ""] = match;
  const digits = String(unit).length - 1;
  if (/[1-9]/.test(fraction.slice(digits))) return `“${text}” has parts that ${currency} has not`;
  // From the digits, since a fraction in binary is not exact.
  const minor = Number(whole) * unit + Number(fraction.slice(0, digits).padEnd(digits, "0"));
  if (minor === 0) return "an amount of zero is no balance";
  return sign === "-" ? -minor : minor;
}
