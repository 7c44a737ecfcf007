/**
 * The close of a period: one transaction, from proof to seal. A crash rolls it back and it runs again; two closers do no
 * harm, for the second finds the period closed when it gets the lock.
 */
import { billingClosedV1 } from "../../contracts/accounting/billing.closed.v1.ts";
import { taskRegistrationEndedV1 } from "../../contracts/tasks/task.registration-ended.v1.ts";
import type { Received } from "../../platform/event.ts";
import type { Ctx, Sql } from "../../platform/service.ts";
import { assertFigures, firstThatFit, partitionsAtOnce } from "./close-rules.ts";
import { emitStatements } from "./close-events.ts";
import {
  countAccounts,
  type Ending,
  findDiscarded,
  findSeal,
  issueStatements,
  loadEnding,
  loadFigures,
  loadHeads,
  mendHead,
  planForMany,
  postPayouts,
  saveClosing,
  saveOwnHead,
} from "./close-store.ts";
import { ownSources } from "./own-posting.ts";
import { waitingFor } from "./period.ts";
import { takeRecalled } from "./recalled-step-store.ts";
import { loadProgress, lockPeriod, type PeriodRow } from "./period-store.ts";
import { type Fold, foldPostings } from "./posting-store.ts";
import { type BlockHead, EMPTY_HEAD, sealOf } from "./seal.ts";

/** The most accounts that one statement of a close is about, so that none comes near its time limit. */
const ACCOUNTS_AT_ONCE = 1_000_000;

/**
 * Closes a period if everything of it is booked; false when it has to wait or is closed already.
 * @param accountsAtOnce more of them are closed in portions of partitions, within the one transaction
 */
export async function closeBooks(ctx: Ctx, number: number, accountsAtOnce = ACCOUNTS_AT_ONCE): Promise<boolean> {
  const { sql } = ctx;
  const period = await lockPeriod(sql, number);
  if (period === undefined || period.closedAt !== null) return false;
  if (waitingFor(await loadProgress(sql, number)).length > 0) return false;
  const previous = number === 1 ? EMPTY_HEAD : await findSeal(sql, number - 1);
  if (previous === undefined) throw new Error(`period ${number - 1} is closed but has no seal`);

  await planForMany(sql);
  const heads = await orderedHeads(sql, number);
  const portions = partitionsAtOnce(await countAccounts(sql), accountsAtOnce);
  for (const partitions of portions) await issueStatements(sql, number, partitions);
  for (const partitions of portions) await postPayouts(sql, number, partitions);
  const figures = await loadFigures(sql, number);
  assertFigures(number, figures);
  const seal = sealOf(previous, period.label, heads, figures.statementsHash);
  await saveClosing(sql, number, ctx.now, figures, seal);

  await takeRecalled(sql, number);

  const discarded = figures.discardedCount === 0 ? [] : firstThatFit(await findDiscarded(sql, number));
  const ending = await loadEnding(sql, number);
  for (const partitions of portions) await emitStatements(sql, { period: number, now: ctx.now, ending, partitions });
  ctx.emit(
    billingClosedV1,
    {
      ...{ period: number, businessDate: period.businessDate, part: period.part, label: period.label },
      currency: period.currency,
      ...(period.settings !== null && { timeZone: period.settings.timeZone }),
      feesMinor: figures.feesMinor,
      rewardsMinor: figures.rewardsMinor,
      earnedMinor: figures.feesMinor - figures.rewardsMinor,
      paidOutMinor: figures.payoutsMinor,
      payoutCount: figures.payoutCount,
      carriedMinor: figures.closingsMinor,
      ...{
        returnedMinor: figures.returnedMinor,
        writtenOffMinor: figures.writtenOffMinor,
        openedMinor: figures.openedMinor,
      },
      negativeCount: figures.negativeCount,
      accountCount: figures.accountCount,
      entryCount: figures.lineCount + figures.paidCount,
      discardedCount: figures.discardedCount,
      ...(discarded.length > 0 && { discarded }),
      seal,
    },
    { period: number, cause: asCause(ending, period) },
  );
  return true;
}

/** The block heads: accounting's own are made now; those that were applied out of order are computed anew from the postings. */
async function orderedHeads(sql: Sql, period: number): Promise<BlockHead[]> {
  for (const source of ownSources) {
    for (const [partition, fold] of await foldPostings(sql, period, source)) {
      await saveOwnHead(sql, period, { source, partition, ...fold });
    }
  }
  const heads = await loadHeads(sql, period);
  const dirty = heads.filter((block) => block.dirty);
  const folds = dirty.length > 0 ? await foldPostings(sql, period) : new Map<number, Fold>();
  for (const block of dirty) {
    const { head, lines } = folds.get(block.partition) ?? { head: EMPTY_HEAD, lines: 0 };
    if (lines !== block.lines) {
      throw new Error(
        `partition ${block.partition} of period ${period} has ${lines} postings, ${block.lines} were booked`,
      );
    }
    await mendHead(sql, period, block.partition, head);
    block.head = head;
  }
  return heads;
}

/** The barrier, in the form in which causes are named. Only what names it is looked at. */
function asCause(ending: Ending, period: PeriodRow): Received {
  return {
    ...{ id: ending.id, source: "tasks", type: taskRegistrationEndedV1.type, version: taskRegistrationEndedV1.version },
    ...{
      key: `barrier:${ending.partition}`,
      partition: ending.partition,
      position: ending.position,
      epoch: ending.epoch,
    },
    ...{ time: ending.endedAt, period: period.number, correlationId: ending.correlationId, actor: ending.actor },
    ...{ causationId: null, cause: null, command: "", control: null, data: undefined },
    traceparent: ending.traceparent,
  };
}
