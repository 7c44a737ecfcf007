/** A payout did not arrive: its popug is told why, and what to do. */
import { payoutFailedV1 } from "../../../contracts/accounting/payout.failed.v1.ts";
import { consumer } from "../../../platform/service.ts";
import { queueMails } from "../mail-store.ts";
import type { FailedPayoutData } from "../rendering/failed-payout.ts";

export const onPayoutFailed = consumer({
  name: "on-payout-failed",
  source: "accounting",
  events: [payoutFailedV1],
  command: "send.payout-failed",
  async handle({ sql, now }, events) {
    const mails = events.map(({ data, traceparent }) => {
      const { period, userId, label, amountMinor, currency, reason } = data;
      const told = { label, amountMinor, currency, reason } satisfies FailedPayoutData;
      return {
        key: `payout-failed:${period}:${userId}`,
        kind: "payout-failed" as const,
        userId,
        data: told,
        period,
        traceparent,
      };
    });
    await queueMails(sql, mails, now);
  },
});
