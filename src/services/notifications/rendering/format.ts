/** Figures and times as people read them. `Intl` objects are slow to make, so each is made once. */
export type Language = "en" | "ru";

const made = new Map<string, unknown>();
function once<T>(key: string, make: () => T): T {
  if (!made.has(key)) made.set(key, make());
  return made.get(key) as T;
}

/** Whole minor units as a plain decimal with a point, `-12.30`; exact for any amount. */
export function plainMoney(minor: number, currency: string): string {
  const digits = once(
    `digits ${currency}`,
    () => new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2,
  );
  const text = String(Math.abs(minor)).padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits);
  const sign = minor < 0 ? "-" : "";
  return digits === 0 ? `${sign}${whole}` : `${sign}${whole}.${text.slice(-digits)}`;
}

/** An amount in the reader's language, with a real minus (U+2212); `signed` puts a plus before what is above zero. */
export function money(minor: number, currency: string, language: Language, signed = false): string {
  const format = once(
    `money ${language} ${currency}`,
    () => new Intl.NumberFormat(language, { style: "currency", currency }),
  );
  const amount = format.format(plainMoney(Math.abs(minor), currency) as Intl.StringNumericLiteral);
  if (minor < 0) return `\u2212${amount}`;
  return signed && minor > 0 ? `+${amount}` : amount;
}

/** `21 November` of a business date, with the year when `long`. */
export function day(businessDate: string, language: Language, long = false): string {
  const format = once(
    `day ${language} ${long}`,
    () =>
      new Intl.DateTimeFormat(language === "en" ? "en-GB" : "ru", {
        day: "numeric",
        month: "long",
        ...(long && { year: "numeric" }),
        timeZone: "UTC",
      }),
  );
  return format.format(new Date(`${businessDate}T12:00:00Z`));
}

/** `09:12` in the billing zone. */
export function time(instant: Date, language: Language, timeZone: string): string {
  const format = once(
    `time ${language} ${timeZone}`,
    () => new Intl.DateTimeFormat(language === "en" ? "en-GB" : "ru", { hour: "2-digit", minute: "2-digit", timeZone }),
  );
  return format.format(instant);
}

/** `21 November, 09:12` in the billing zone. */
export function moment(instant: Date, language: Language, timeZone: string): string {
  const format = once(
    `moment ${language} ${timeZone}`,
    () =>
      new Intl.DateTimeFormat(language === "en" ? "en-GB" : "ru", {
        ...{ day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", timeZone },
      }),
  );
  return format.format(instant);
}

/** A whole number in the reader's language. */
export function count(value: number, language: Language): string {
  return once(`count ${language}`, () => new Intl.NumberFormat(language)).format(value);
}

/** The form of a noun that belongs to a number. */
export function plural(
  value: number,
  language: Language,
  forms: { one: string; few?: string; many?: string; other: string },
): string {
  const rule = once(`plural ${language}`, () => new Intl.PluralRules(language)).select(value);
  return (rule === "one" || rule === "few" || rule === "many" ? forms[rule] : undefined) ?? forms.other;
}
