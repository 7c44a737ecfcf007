/** A payout did not arrive: its popug is told why, and what to do. */
import { payoutFailedV1 } from "../../../contracts/accounting/payout.failed.v1.ts";
import { consumer } from "../../../platform/service.ts";
import { queueForEach } from "../mail-store.ts";
import type { FailedPayoutData } from "../rendering/failed-payout.ts";

export const onPayoutFailed = consumer({
  name: "on-payout-failed",
  source: "accounting",
  events: [payoutFailedV1],
  command: "send.payout-failed",
  async handle({ sql, now }, events) {
    for (const { data } of events) {
      const { period, userId, label, amountMinor, currency, reason } = data;
      const told = { label, amountMinor, currency, reason } satisfies FailedPayoutData;
      await queueForEach(sql, { kind: "payout-failed", period, data: told, to: [userId], now });
    }
  },
});
