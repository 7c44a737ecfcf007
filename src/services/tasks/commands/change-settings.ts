/** `settings.change`: what the company sets counts from the next period on, so nothing that happened is changed by it. */
import { type Static, Type } from "typebox";
import { CompanySettings } from "../../../contracts/tasks/company-settings.ts";
import type { CommandCtx } from "../../../platform/service.ts";
import { decideSettings } from "../company-settings.ts";
import { isCurrencyFixed, lockSettings, saveSettings, settingsIn } from "../company-settings-store.ts";
import { type Calendar, register, stamp } from "../registration-store.ts";

export const SettingsWish = Type.Partial(CompanySettings);
export const ChangedSettings = Type.Object({ effectivePeriod: Type.Integer(), settings: CompanySettings });

/** Changes what is given, from the next period on; a change of the same period is built upon. */
export async function changeSettings(
  ctx: CommandCtx,
  wish: Static<typeof SettingsWish>,
  first: Calendar,
): Promise<Static<typeof ChangedSettings>> {
  const registered = await register(ctx, first);
  await lockSettings(ctx.sql);
  const effectivePeriod = registered.period + 1;
  const before = await settingsIn(ctx.sql, effectivePeriod, first);
  const settings = decideSettings(before, wish, await isCurrencyFixed(ctx.sql));
  const version = { effectivePeriod, settings, changedBy: ctx.actor.userId, at: registered.now };
  await saveSettings(ctx, version, stamp(registered));
  return { effectivePeriod, settings };
}
