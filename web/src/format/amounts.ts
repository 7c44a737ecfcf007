/** Amounts in two parts and about: what pages need besides `money.ts`. */
import { locale } from "./language.ts";
import { formatOf, signOf, toUnits, whole } from "./money.ts";

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
  return whole(signOf(minor, false), format.format(Math.abs(toUnits(minor, currency))));
}

/** In two parts, so that the cents can be dimmed: `{ main: "−$14", rest: ".00" }`, in Russian `{ "−14", ",00 $" }`. */
export function moneyParts(minor: number, currency: string, signed = false): { main: string; rest: string } {
  const parts = formatOf(currency).formatToParts(Math.abs(toUnits(minor, currency)));
  const cut = parts.findIndex((part) => part.type === "decimal");
  const text = (some: Intl.NumberFormatPart[]) => some.map((part) => part.value).join("");
  const main = cut < 0 ? parts : parts.slice(0, cut);
  return { main: signOf(minor, signed) + text(main), rest: cut < 0 ? "" : text(parts.slice(cut)) };
}
