/** An accountant corrects an entry: the old amount back and the right one anew, in the open period, paid with the next payout. */
import { Type } from "typebox";
import { v7 as uuidv7 } from "uuid";
import { entryCorrectedV1 } from "../../../contracts/accounting/entry.corrected.v1.ts";
import { entryPostedV4 } from "../../../contracts/accounting/entry.posted.v4.ts";
import { Uuid } from "../../../platform/contract.ts";
import { command, type Route } from "../../../platform/http/route.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import {
  assertMayApprove,
  CORRECTION_SOURCE,
  type CorrectionRequest,
  correctionLegs,
  decideCorrection,
} from "../correction.ts";
import { findCorrection, findEffectiveDay, isCorrected, postCorrection, saveRequest } from "../correction-store.ts";
import { entryIdOf, parseEntryId } from "../entry.ts";
import { findEntry } from "../entry-store.ts";
import { isReturned } from "../fee-return-store.ts";
import { signedAmount } from "../ledger.ts";
import { minorPerUnit } from "../money.ts";
import { holdOpenPeriod } from "../own-posting-store.ts";
import { Correction, showCorrection } from "../queries/corrections.ts";
import { requireEntry } from "../queries/entries.ts";

/** The most that one entry can be corrected to. */
const MAX_MINOR = 1_000_000_000;

/** Correct an entry, and agree to a correction above the limit. */
export function correctionCommands(settings: Settings): Route[] {
  return [
    command({
      operationId: "correctEntry",
      command: "billing.correct",
      method: "POST",
      path: "/entries/:entryId/corrections",
      policy: "accounts.all",
      summary: "Corrects a fee or a reward, with a reason; above a limit it waits for a second person.",
      params: Type.Object({ entryId: Type.String({ maxLength: 120 }) }),
      body: Type.Object({
        /** What the fee or reward should have been; not below zero. */
        amountMinor: Type.Integer({ minimum: 0, maximum: MAX_MINOR }),
        reason: Type.String({ minLength: 3, maxLength: 500, pattern: "\\S\\s*\\S\\s*\\S" }),
      }),
      response: Correction,
      status: 201,
      handle: async (ctx, { params, body }) => {
        const entry = await requireEntry(ctx.sql, params.entryId);
        const entryId = entryIdOf(entry);
        const limitMinor = settings.secondPersonAbove * minorPerUnit(entry.currency);
        const decided = decideCorrection(entry, {
          ...{ becomesMinor: body.amountMinor, actor: ctx.actor.userId, limitMinor },
        });
        const request: CorrectionRequest = {
          ...{ id: uuidv7(), entryId, ...decided, reason: body.reason },
          ...{ requestedBy: ctx.actor.userId, requestedAt: ctx.now },
          effectiveDay: await findEffectiveDay(ctx.sql, entryId, entry.period),
        };
        if (request.needsSecond) {
          await assertUncorrected(ctx, entryId);
          await saveRequest(ctx.sql, request);
        } else {
          await post(ctx, request, null, () => saveRequest(ctx.sql, request));
        }
        return await shown(ctx, request.id);
      },
    }),
    command({
      operationId: "approveCorrection",
      command: "billing.correct",
      method: "POST",
      path: "/corrections/:id/approve",
      policy: "accounts.all",
      summary: "The second person agrees to a correction above the limit; it is posted.",
      params: Type.Object({ id: Uuid }),
      response: Correction,
      handle: async (ctx, { params: { id } }) => {
        const request = await findCorrection(ctx.sql, id);
        if (request === undefined) {
          throw new Refusal("not-found", "correction-not-found", "There is no such correction.");
        }
        assertMayApprove(request, ctx.actor.userId);
        await post(ctx, request, ctx.actor.userId);
        return await shown(ctx, id);
      },
    }),
  ];
}

async function assertUncorrected(ctx: CommandCtx, entryId: string): Promise<void> {
  if (await isCorrected(ctx.sql, entryId)) {
    throw new Refusal("conflict", "already-corrected", "This entry was corrected already; correct the new one.");
  }
  if (await isReturned(ctx.sql, entryId)) {
    throw new Refusal("conflict", "fee-returned", "The task was cancelled, and this fee was given back.");
  }
}

async function post(
  ctx: CommandCtx,
  request: CorrectionRequest,
  by: string | null,
  first: () => Promise<void> = async () => {},
): Promise<void> {
  // The lock comes first: what is read behind it stays true until the end of the transaction.
  const period = await holdOpenPeriod(ctx.sql);
  await assertUncorrected(ctx, request.entryId);
  const legs = correctionLegs(request);
  await first();
  const posted = { request, legs, period: period.number, by, at: ctx.now };
  const position = await postCorrection(ctx.sql, posted);
  const corrected = await findEntry(ctx.sql, parseEntryId(request.entryId));
  const { partition, userId, taskId, effectiveDay, reason } = request;
  const place = { period: period.number, source: CORRECTION_SOURCE, epoch: 0, partition, position };
  ctx.emit(
    entryPostedV4,
    {
      ...{ period: period.number, businessDate: period.businessDate, currency: period.currency },
      entries: legs.map(({ leg, kind, popugIs, amountMinor }) => ({
        ...{ entryId: entryIdOf({ ...place, leg }), userId, kind, amountMinor: signedAmount(popugIs, amountMinor) },
        ...{ taskId, title: corrected?.title ?? null, jiraId: corrected?.jiraId ?? null },
        occurredAt: ctx.now.toISOString(),
        correction: { corrects: request.entryId, effectiveDay, reason },
      })),
    },
    { period: period.number, partition },
  );
  const { id, needsSecond, ...agreed } = request;
  ctx.emit(
    entryCorrectedV1,
    {
      ...{ correctionId: id, entryId: agreed.entryId, userId, taskId, kind: agreed.kind, currency: period.currency },
      ...{ wasMinor: agreed.wasMinor, becomesMinor: agreed.becomesMinor, effectiveDay, reason, needsSecond },
      ...{ requestedBy: agreed.requestedBy, requestedAt: agreed.requestedAt.toISOString(), approvedBy: by },
      ...{ period: period.number, position, postedAt: ctx.now.toISOString() },
    },
    { period: period.number, partition },
  );
}

async function shown(ctx: CommandCtx, id: string) {
  const row = await findCorrection(ctx.sql, id);
  if (row === undefined) throw new Error(`correction ${id} went away`);
  return showCorrection(row);
}
