import { locale } from "./language.ts";

const integer = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(locale, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const minus = (text: string) => text.replace("-", "\u2212");

/** `88,014`. */
export const formatCount = (n: number) => minus(integer.format(n));
/** `0.4`. */
export const formatTenths = (n: number) => minus(oneDigit.format(n));
/** A share: 0.07 → `7.0%`. */
export const formatShare = (n: number) => minus(percent.format(n));
