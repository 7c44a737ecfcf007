/** What may be set, and when. Pure. */
import type { CompanySettings } from "../../contracts/tasks/company-settings.ts";
import { type FieldProblem, Refusal } from "../../platform/refusal.ts";

/**
 * The settings with what somebody wants of them.
 * @param currencyFixed money has begun to move in the currency, or is about to
 * @throws Refusal `bad-settings`, `currency-fixed`, `settings-unchanged`
 */
export function decideSettings(
  now: CompanySettings,
  wish: Partial<CompanySettings>,
  currencyFixed: boolean,
): CompanySettings {
  const settings = { ...now, ...wish };
  const fields: FieldProblem[] = [];
  for (const [path, what] of [
    ["feeRange", "fee"],
    ["rewardRange", "reward"],
  ] as const) {
    const { from, to } = settings[path];
    if (from > to)
      fields.push({ path, message: `the ${what} cannot be from ${from} to ${to}: the first is the lower one` });
  }
  if (!isTimeZone(settings.timeZone)) {
    fields.push({ path: "timeZone", message: `${settings.timeZone} is no IANA time zone (such as Europe/Berlin)` });
  }
  if (!Intl.supportedValuesOf("currency").includes(settings.currency)) {
    fields.push({ path: "currency", message: `${settings.currency} is no ISO 4217 currency (such as USD)` });
  }
  if (fields.length > 0) {
    throw new Refusal("invalid", "bad-settings", `${fields.map(({ message }) => message).join("; ")}.`, { fields });
  }
  if (settings.currency !== now.currency && currencyFixed) {
    throw new Refusal(
      "conflict",
      "currency-fixed",
      `The books are in ${now.currency} since the first task or balance; that stays.`,
    );
  }
  if (JSON.stringify(settings) === JSON.stringify(now)) {
    throw new Refusal("conflict", "settings-unchanged", "This is what is set already.");
  }
  return settings;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== undefined;
  } catch {
    return false;
  }
}
