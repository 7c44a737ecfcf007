/** `billing.closed` → the currency stays that of the books as soon as anything has moved in them, with or without a task. */
import { billingClosedV1 } from "../../../contracts/accounting/billing.closed.v1.ts";
import { type Consumer, consumer } from "../../../platform/service.ts";
import { keepBooksCurrency, lockSettings, saveSettings, settingsIn } from "../company-settings-store.ts";
import { type Calendar, register, stamp } from "../registration-store.ts";

/** A change that was on its way when balances were brought in is taken back: the books do not follow it. */
export function onBillingClosed(calendar: Calendar): Consumer {
  return consumer({
    name: "on-billing-closed",
    source: "accounting",
    events: [billingClosedV1],
    command: "settings.keep-currency",
    handle: async (ctx, events) => {
      const moved = events.find(({ data }) => data.accountCount > 0);
      if (moved === undefined) return;
      const { currency } = moved.data;
      const registered = await register(ctx, calendar);
      await lockSettings(ctx.sql);
      if (!(await keepBooksCurrency(ctx.sql, currency))) return;
      const effectivePeriod = registered.period + 1;
      const settings = await settingsIn(ctx.sql, effectivePeriod, calendar);
      if (settings.currency === currency) return;
      const version = { effectivePeriod, settings: { ...settings, currency }, changedBy: null, at: registered.now };
      await saveSettings(ctx, version, { ...stamp(registered), cause: moved });
    },
  });
}
