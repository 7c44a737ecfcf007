/** Accountants say what became of payouts: one by one, or all of a file. One that failed holds up no other. */
import { Type } from "typebox";
import { entryPostedV4 } from "../../../contracts/accounting/entry.posted.v4.ts";
import { payoutConfirmedV1 } from "../../../contracts/accounting/payout.confirmed.v1.ts";
import { payoutFailedV1 } from "../../../contracts/accounting/payout.failed.v1.ts";
import { payoutSentV1 } from "../../../contracts/accounting/payout.sent.v1.ts";
import { OneOf, Uuid } from "../../../platform/contract.ts";
import { command, type Route } from "../../../platform/http/route.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx } from "../../../platform/service.ts";
import { holdOpenPeriod } from "../own-posting-store.ts";
import { findDetails } from "../pay-details-store.ts";
import {
  assertNoAccountNumber,
  decideStep,
  payoutEntryId,
  payoutStates,
  type PayoutState,
  returnEntryId,
} from "../payout.ts";
import {
  findPayout,
  listPayouts,
  lockPayouts,
  type PayoutRow,
  saveConfirmed,
  saveFailed,
  saveSent,
} from "../payout-store.ts";
import { fileName, requireFile } from "../queries/payout-files.ts";
import { periodNumber, requirePeriod } from "../queries/periods.ts";

const one = Type.Object({ period: periodNumber.properties.number, userId: Uuid });
const Moved = Type.Object({ period: Type.Integer(), userId: Uuid, state: OneOf(payoutStates) });
const Count = Type.Object({ count: Type.Integer() });

/** The payout as it is now; nobody else moves it until the transaction ends. */
async function holdPayout(ctx: CommandCtx, period: number, userId: string): Promise<PayoutRow> {
  await lockPayouts(ctx.sql, period);
  const payout = await findPayout(ctx.sql, period, userId);
  if (payout === undefined) throw new Refusal("not-found", "payout-not-found", "There is no such payout.");
  return payout;
}

type Told = { period: number; label: string; userId: string; amountMinor: number; currency: string };
const tell = ({ period, label, userId, amountMinor, currency }: Told) => ({
  ...{ period, label, userId, amountMinor, currency },
});
const moved = ({ period, userId }: PayoutRow, state: PayoutState) => ({ period, userId, state });

/** Mark as sent, confirmed or failed. */
export const payoutCommands: Route[] = [
  command({
    operationId: "markPayoutSent",
    command: "payout.send",
    method: "POST",
    path: "/payouts/:period/:userId/sent",
    policy: "payouts",
    summary: "One payout was ordered at the bank, outside of a file.",
    params: one,
    response: Moved,
    handle: async (ctx, { params: { period, userId } }) => {
      const payout = await holdPayout(ctx, period, userId);
      decideStep(payout, "sent", ctx.actor.userId);
      const details = await findDetails(ctx.sql, userId);
      if (details === undefined) throw new Error(`the payout of ${userId} is requested, but there are no pay details`);
      const by = { period, at: ctx.now, by: ctx.actor.userId, file: null };
      await saveSent(ctx.sql, by, [{ userId, detailsId: details.id }]);
      ctx.emit(payoutSentV1, { ...tell(payout), file: null, detailsId: details.id });
      return moved(payout, "sent");
    },
  }),
  command({
    operationId: "markPayoutConfirmed",
    command: "payout.confirm",
    method: "POST",
    path: "/payouts/:period/:userId/confirmed",
    policy: "payouts",
    summary: "One payout has arrived.",
    params: one,
    response: Moved,
    handle: async (ctx, { params: { period, userId } }) => {
      const payout = await holdPayout(ctx, period, userId);
      decideStep(payout, "confirmed", ctx.actor.userId);
      await saveConfirmed(ctx.sql, { period, at: ctx.now, by: ctx.actor.userId }, [userId]);
      ctx.emit(payoutConfirmedV1, tell(payout));
      return moved(payout, "confirmed");
    },
  }),
  command({
    operationId: "markPayoutFailed",
    command: "payout.fail",
    method: "POST",
    path: "/payouts/:period/:userId/failed",
    policy: "payouts",
    summary: "One payout did not arrive: its amount goes back to the account and is paid with the next one.",
    params: one,
    body: Type.Object({ reason: Type.String({ minLength: 3, maxLength: 300, pattern: "\\S\\s*\\S\\s*\\S" }) }),
    response: Moved,
    handle: async (ctx, { params: { period, userId }, body: { reason } }) => {
      assertNoAccountNumber(reason);
      const payout = await holdPayout(ctx, period, userId);
      const was = decideStep(payout, "failed", ctx.actor.userId);
      await giveBack(ctx, payout, was, reason.trim());
      return moved(payout, "failed");
    },
  }),
  command({
    operationId: "markPayoutFileSent",
    command: "payout.send",
    method: "POST",
    path: "/periods/:number/payout-files/:messageId/sent",
    policy: "payouts",
    summary: "The bank has this file: all its payouts are sent.",
    params: fileName,
    response: Count,
    handle: async (ctx, { params: { number, messageId } }) => {
      const { label, currency } = await requirePeriod(ctx.sql, number);
      await lockPayouts(ctx.sql, number);
      const { sent, payments } = await requireFile(ctx.sql, number, messageId);
      if (sent) throw new Refusal("conflict", "payout-file-sent", "This file was marked as sent already.");
      await saveSent(ctx.sql, { period: number, at: ctx.now, by: ctx.actor.userId, file: messageId }, payments);
      for (const payment of payments) {
        const told = tell({ ...payment, label, currency });
        ctx.emit(payoutSentV1, { ...told, file: messageId, detailsId: payment.detailsId });
      }
      return { count: payments.length };
    },
  }),
  command({
    operationId: "confirmPayouts",
    command: "payout.confirm",
    method: "POST",
    path: "/periods/:number/payouts/confirmed",
    policy: "payouts",
    summary: "All payouts of a period that are sent have arrived.",
    params: periodNumber,
    response: Count,
    handle: async (ctx, { params: { number } }) => {
      await requirePeriod(ctx.sql, number);
      await lockPayouts(ctx.sql, number);
      const payouts = await listPayouts(ctx.sql, number, { state: "sent", after: null }, Number.MAX_SAFE_INTEGER);
      const by = { period: number, at: ctx.now, by: ctx.actor.userId };
      const userIds = payouts.map((payout) => payout.userId);
      await saveConfirmed(ctx.sql, by, userIds);
      for (const payout of payouts) ctx.emit(payoutConfirmedV1, tell(payout));
      return { count: payouts.length };
    },
  }),
];

async function giveBack(ctx: CommandCtx, payout: PayoutRow, was: "requested" | "sent", reason: string): Promise<void> {
  const open = await holdOpenPeriod(ctx.sql);
  const { userId, partition, amountMinor, label } = payout;
  const failed = { was, reason, into: open.number, at: ctx.now, by: ctx.actor.userId };
  const position = await saveFailed(ctx.sql, payout, failed);
  ctx.emit(payoutFailedV1, { ...tell(payout), reason });
  ctx.emit(
    entryPostedV4,
    {
      ...{ period: open.number, businessDate: open.businessDate, currency: open.currency },
      entries: [
        {
          entryId: returnEntryId({ period: open.number, partition, position }),
          ...{ userId, kind: "payout-return", amountMinor, taskId: null, title: null, jiraId: null },
          occurredAt: ctx.now.toISOString(),
          returned: { entryId: payoutEntryId(payout), label, reason },
        },
      ],
    },
    { period: open.number, partition },
  );
}
