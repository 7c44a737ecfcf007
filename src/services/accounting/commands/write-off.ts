/** The debt of somebody who left is given up: one person asks, another one agrees, and it is posted in the open period. */
import { Type } from "typebox";
import { v7 as uuidv7 } from "uuid";
import { entryPostedV4 } from "../../../contracts/accounting/entry.posted.v4.ts";
import { Uuid } from "../../../platform/contract.ts";
import { command, type Route } from "../../../platform/http/route.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx } from "../../../platform/service.ts";
import { findAccount } from "../account-store.ts";
import { entryIdOf } from "../entry.ts";
import { holdOpenPeriod } from "../own-posting-store.ts";
import { showWriteOff, WriteOff } from "../queries/write-offs.ts";
import { assertMayWriteOff, DEBT_SOURCE, decideWriteOff } from "../write-off.ts";
import { findWriteOff, postWriteOff, saveWriteOffRequest, type WriteOffRow } from "../write-off-store.ts";

/** Ask for a write-off, and agree to one. */
export const writeOffCommands: Route[] = [
  command({
    operationId: "requestWriteOff",
    command: "billing.write-off",
    method: "POST",
    path: "/accounts/:userId/write-offs",
    policy: "accounts.all",
    summary: "Asks that the debt of somebody who left is given up; a second person has to agree.",
    params: Type.Object({ userId: Uuid }),
    body: Type.Object({ reason: Type.String({ minLength: 3, maxLength: 500, pattern: "\\S\\s*\\S\\s*\\S" }) }),
    response: WriteOff,
    status: 201,
    handle: async (ctx, { params: { userId }, body: { reason } }) => {
      const amountMinor = decideWriteOff(await requireDebtor(ctx, userId), ctx.actor.userId);
      const id = uuidv7();
      const { userId: requestedBy } = ctx.actor;
      await saveWriteOffRequest(ctx.sql, { id, userId, amountMinor, reason, requestedBy, requestedAt: ctx.now });
      return showWriteOff(await requireWriteOff(ctx, id));
    },
  }),
  command({
    operationId: "approveWriteOff",
    command: "billing.write-off",
    method: "POST",
    path: "/write-offs/:id/approve",
    policy: "accounts.all",
    summary: "The second person agrees: the debt is given up.",
    params: Type.Object({ id: Uuid }),
    response: WriteOff,
    handle: async (ctx, { params: { id } }) => {
      // The lock comes first: what is read behind it stays true, but for what tasks move meanwhile.
      const open = await holdOpenPeriod(ctx.sql);
      const row = await requireWriteOff(ctx, id);
      if (row.period !== null) throw new Refusal("conflict", "already-written-off", "This debt was given up already.");
      assertMayWriteOff(row, await requireDebtor(ctx, row.userId), ctx.actor.userId);
      const position = await postWriteOff(ctx.sql, row, { period: open.number, by: ctx.actor.userId, at: ctx.now });
      const { partition, userId, amountMinor, reason, requestedBy } = row;
      const place = { period: open.number, source: DEBT_SOURCE, epoch: 0, partition, position, leg: 0 };
      ctx.emit(
        entryPostedV4,
        {
          ...{ period: open.number, businessDate: open.businessDate, currency: open.currency },
          entries: [
            {
              ...{ entryId: entryIdOf(place), userId, kind: "write-off", amountMinor },
              ...{ taskId: null, title: null, jiraId: null, occurredAt: ctx.now.toISOString() },
              writtenOff: { requestId: id, reason, requestedBy, requestedAt: row.requestedAt.toISOString() },
            },
          ],
        },
        { period: open.number, partition },
      );
      return showWriteOff(await requireWriteOff(ctx, id));
    },
  }),
];

async function requireDebtor(ctx: CommandCtx, userId: string) {
  const account = await findAccount(ctx.sql, userId);
  if (account === undefined) throw new Refusal("not-found", "account-not-found", "There is no such account.");
  return account;
}

async function requireWriteOff(ctx: CommandCtx, id: string): Promise<WriteOffRow> {
  const row = await findWriteOff(ctx.sql, id);
  if (row === undefined) throw new Refusal("not-found", "write-off-not-found", "There is no such write-off.");
  return row;
}
