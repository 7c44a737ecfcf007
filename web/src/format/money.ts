/** Amounts: integers in minor units with a currency; `Intl` only for display, U+2212 for minus. */
import { locale } from "./language.ts";

const MINUS = "\u2212";
/** A line may end between a sign and the sign of a currency; an amount in a sentence stays whole by this. */
const WORD_JOINER = "\u2060";
const formats = new Map<string, Intl.NumberFormat>();

/** A formatter of the currency; `digits` behind the point instead of what is usual. */
export function formatOf(currency: string, digits?: number): Intl.NumberFormat {
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

/** What stands before the amount without its sign. */
export const signOf = (minor: number, signed: boolean) => (minor < 0 ? MINUS : signed && minor > 0 ? "+" : "");

/** `−$14.00`. `signed`: a plus before what is above zero. `short`: without cents when they are zero. */
export function formatMoney(
  minor: number,
  currency: string,
  options: { signed?: boolean; short?: boolean } = {},
): string {
  const units = Math.abs(toUnits(minor, currency));
  const format = options.short && Number.isInteger(units) ? formatOf(currency, 0) : formatOf(currency);
  return whole(signOf(minor, options.signed ?? false), format.format(units));
}

/** Sign and amount, never on two lines. */
export const whole = (sign: string, amount: string) => (sign === "" ? amount : sign + WORD_JOINER + amount);
