/** Where somebody is paid was changed: they are told at once, for it may not have been they. */
import { payDetailsChangedV1 } from "../../../contracts/accounting/pay-details.changed.v1.ts";
import { consumer } from "../../../platform/service.ts";
import { queueMails } from "../mail-store.ts";
import type { PayDetailsChangedData } from "../rendering/pay-details-changed.ts";

export const onPayDetailsChanged = consumer({
  name: "on-pay-details-changed",
  source: "accounting",
  events: [payDetailsChangedV1],
  command: "send.pay-details-changed",
  async handle({ sql, now }, events) {
    const mails = events.map(({ id, time, data: { userId } }) => ({
      ...{ key: `pay-details-changed:${id}:${userId}`, kind: "pay-details-changed" as const, userId },
      data: { changedAt: time.toISOString() } satisfies PayDetailsChangedData,
    }));
    await queueMails(sql, mails, now);
  },
});
