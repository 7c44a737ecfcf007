/** Amounts: integers in minor units with a currency; `Intl` only for display, U+2212 for minus. */
import { locale } from "./language.ts";

const MINUS = "\u2212";
const formats = new Map<string, Intl.NumberFormat>();

function formatOf(currency: string, digits?: number): Intl.NumberFormat {
  const key = `${currency} ${digits}`;
  let format = formats.get(key);
  if (format === undefined) {
    // The narrow symbol: "$", not "US$", in every locale.
    format = new Intl.NumberFormat(locale, {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
      ...(digits !== undefined && { minimumFractionDigits: digits, maximumFractionDigits: digits }),
    });
    formats.set(key, format);
  }
  return format;
}

const minorDigits = (currency: string) => formatOf(currency).resolvedOptions().maximumFractionDigits ?? 2;

/** Minor units to units: 1450 → 14.5. For scales of charts and for display only, never to reckon with. */
export const toUnits = (minor: number, currency: string) => minor / 10 ** minorDigits(currency);

const signOf = (minor: number, signed: boolean) => (minor < 0 ? MINUS : signed && minor > 0 ? "+" : "");

/** `−$14.00`. `signed`: a plus before what is above zero. `short`: without cents when they are zero. */
export function formatMoney(
  minor: number,
  currency: string,
  options: { signed?: boolean; short?: boolean } = {},
): string {
  const units = Math.abs(toUnits(minor, currency));
  const format = options.short && Number.isInteger(units) ? formatOf(currency, 0) : formatOf(currency);
  return signOf(minor, options.signed ?? false) + format.format(units);
}

const compact = new Map<string, Intl.NumberFormat>();

/** `$1.3M`: for "about". */
export function formatMoneyAbout(minor: number, currency: string): string {
  let format = compact.get(currency);
  if (format === undefined) {
    format = new Intl.NumberFormat(locale, {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
      notation: "compact",
      maximumFractionDigits: 1,
    });
    compact.set(currency, format);
  }
  return signOf(minor, false) + format.format(Math.abs(toUnits(minor, currency)));
}

/** In two parts, so that the cents can be dimmed: `{ main: "−$14", rest: ".00" }`, in Russian `{ "−14", ",00 $" }`. */
export function moneyParts(minor: number, currency: string, signed = false): { main: string; rest: string } {
  const parts = formatOf(currency).formatToParts(Math.abs(toUnits(minor, currency)));
  const cut = parts.findIndex((part) => part.type === "decimal");
  const text = (some: Intl.NumberFormatPart[]) => some.map((part) => part.value).join("");
  const main = cut < 0 ? parts : parts.slice(0, cut);
  return { main: signOf(minor, signed) + text(main), rest: cut < 0 ? "" : text(parts.slice(cut)) };
}
