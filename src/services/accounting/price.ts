/** What a task costs and pays: drawn once, when the task appears, whoever gets it. */
import { randomInt } from "node:crypto";
import type { CompanySettings } from "../../contracts/tasks/company-settings.ts";
import { minorPerUnit } from "./money.ts";

export type Price = { feeMinor: number; rewardMinor: number };

/** What counts for a draw. */
export type Pricing = Pick<CompanySettings, "currency" | "feeRange" | "rewardRange">;

/** Draws fee and reward: whole units of the currency, both bounds included, every value equally likely. */
export function drawPrice(settings: Pricing): Price {
  const unit = minorPerUnit(settings.currency);
  return {
    feeMinor: randomInt(settings.feeRange.from, settings.feeRange.to + 1) * unit,
    rewardMinor: randomInt(settings.rewardRange.from, settings.rewardRange.to + 1) * unit,
  };
}
