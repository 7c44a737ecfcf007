/** What people decide about money: balances from other books, a payout that came back, a debt that is given up. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { payoutFailedV1 } from "../../../src/contracts/accounting/payout.failed.v1.ts";
import type { taskRegistrationEndedV1 } from "../../../src/contracts/tasks/task.registration-ended.v1.ts";
import type { DataOf } from "../../../src/platform/contract.ts";
import type { Ctx } from "../../../src/platform/service.ts";
import { openAccounts, openNextPeriod } from "../../../src/services/accounting/booking-store.ts";
import { type BroughtIn, postOpenings } from "../../../src/services/accounting/opening-store.ts";
import { holdOpenPeriod } from "../../../src/services/accounting/own-posting-store.ts";
import { listPayouts, saveFailed } from "../../../src/services/accounting/payout-store.ts";
import { findWriteOff, postWriteOff, saveWriteOffRequest } from "../../../src/services/accounting/write-off-store.ts";
import type { WriteOffRequest } from "../../../src/services/accounting/write-off.ts";
import type { Books } from "./books.ts";

const decide = (books: Books, work: (ctx: Ctx) => Promise<void>) =>
  books.accounting.transact(
    { correlationId: uuidv7(), actor: "system:test", command: "test", traceparent: null },
    async (ctx) => work(ctx),
  );

/** Two newcomers bring in what they are owed, and what they owe. */
export async function bringBalances(books: Books): Promise<void> {
  await decide(books, async ({ sql, now }) => {
    const { number: period } = await holdOpenPeriod(sql);
    const lines = [1_250, -300].map((amountMinor) => ({ userId: randomUUID(), amountMinor, id: uuidv7() }));
    await openAccounts(
      sql,
      lines.map(({ userId }) => userId),
    );
    await postOpenings(sql, lines, { period, by: randomUUID(), now });
  });
}

/** One payout of a closed period comes back into the open one. */
export async function returnPayout(books: Books, period: number): Promise<void> {
  await decide(books, async ({ sql, now, emit }) => {
    const { number: into } = await holdOpenPeriod(sql);
    const [payout] = await listPayouts(sql, period, { after: null }, 1);
    assert(payout);
    const reason = "the account is closed";
    await saveFailed(sql, payout, { was: "requested", reason, into, at: now, by: randomUUID() });
    const { label, userId, amountMinor, currency } = payout;
    emit(payoutFailedV1, { period, label, userId, amountMinor, currency, reason });
  });
}

/** A part of a debt is given up by two people. */
export async function giveUpDebt(books: Books, userId: string): Promise<void> {
  await decide(books, async ({ sql, now }) => {
    const { number: period } = await holdOpenPeriod(sql);
    const asked = { id: uuidv7(), userId, amountMinor: 100, reason: "left long ago" };
    await saveWriteOffRequest(sql, { ...asked, requestedBy: randomUUID(), requestedAt: now });
    const row = await findWriteOff(sql, asked.id);
    assert(row);
    await postWriteOff(sql, row, { period, by: randomUUID(), at: now });
  });
}

/** What was brought in and given up in other books, once more, before the first event: their periods are opened as barriers will open them. */
export async function decideAgain(from: Books, to: Books): Promise<void> {
  const ends = await from.owner<{ data: DataOf<typeof taskRegistrationEndedV1>; currency: string }>(
    `select l.data, p.currency from tasks.log l join period p on p.number = l.period + 1
      where l.type = 'task.registration-ended' and l.partition = 0
        and p.number <= (select max(period) from write_off) order by p.number`,
  );
  const balances = await from.owner<BroughtIn & { period: number; by: string; now: Date }>(
    `select user_id as "userId", amount_minor as "amountMinor", id, period, imported_by as by, imported_at as now
       from opening_balance order by period, position`,
  );
  const debts = await from.owner<WriteOffRequest & { period: number; by: string; at: Date }>(
    `select id, user_id as "userId", amount_minor as "amountMinor", reason, requested_by as "requestedBy",
            requested_at as "requestedAt", period, approved_by as by, posted_at as at
       from write_off join write_off_request r on r.id = request_id order by period, position`,
  );
  await decide(to, async ({ sql }) => {
    for (const { data, currency } of ends) await openNextPeriod(sql, data.next, currency);
    await openAccounts(
      sql,
      [...balances, ...debts].map(({ userId }) => userId),
    );
    for (const { period, by, now, ...line } of balances) await postOpenings(sql, [line], { period, by, now });
    for (const { period, by, at, ...asked } of debts) {
      await saveWriteOffRequest(sql, asked);
      const row = await findWriteOff(sql, asked.id);
      assert(row);
      await postWriteOff(sql, row, { period, by, at });
    }
  });
}
