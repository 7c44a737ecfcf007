/** What differs between two states of the settings. Pure. */
import { everyOf } from "../../api/every-of.ts";
import type { CompanySettings } from "../../data/company-settings.ts";

export type SettingName = keyof CompanySettings;
export const settingNames = everyOf<SettingName>({
  feeRange: 1,
  rewardRange: 1,
  currency: 1,
  timeZone: 1,
  closesAt: 1,
});

const rangeText = ({ from, to }: CompanySettings["feeRange"]) => (from === to ? String(from) : `${from}–${to}`);

/** A setting as it is shown: `10–20`, `Europe/Moscow`. Prices in whole units, with the currency beside them. */
export const settingText = (settings: CompanySettings, name: SettingName): string =>
  name === "feeRange" || name === "rewardRange"
    ? `${rangeText(settings[name])} ${settings.currency}`
    : settings[name].replaceAll("_", " ");

/** The settings that are not the same; all of them when there is nothing before. */
export const changedSettings = (before: CompanySettings | undefined, after: CompanySettings): SettingName[] =>
  settingNames.filter((name) => before === undefined || JSON.stringify(before[name]) !== JSON.stringify(after[name]));
