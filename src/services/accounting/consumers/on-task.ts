/**
 * Task events become money, and their barriers become the ends of periods. One batch is one transaction of at most nine
 * statements: load → decide → save → emit.
 */
import { MAX_ENTRIES } from "../../../contracts/accounting/entry.posted.v1.ts";
import { type Entry, entryPostedV4 } from "../../../contracts/accounting/entry.posted.v4.ts";
import { taskPricedV1 } from "../../../contracts/accounting/task.priced.v1.ts";
import { taskCreatedV2 } from "../../../contracts/tasks/task.created.v2.ts";
import { taskRegistrationEndedV1 } from "../../../contracts/tasks/task.registration-ended.v1.ts";
import { taskUpdatedV2 } from "../../../contracts/tasks/task.updated.v2.ts";
import type { Static } from "typebox";
import { type Consumer, consumer, type Ctx, ofType } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import { type BarrierEvent, type BookedPosting, book, extendBlocks, type Frame, type TaskEvent } from "../booking.ts";
import {
  type KnownTask,
  loadFrame,
  loadTasks,
  openAccounts,
  openNextPeriod,
  saveBarriers,
  savePostings,
  savePrices,
  saveProgress,
  saveTaskNames,
  type TaskName,
} from "../booking-store.ts";
import { entryIdOf } from "../entry.ts";
import { type EndedAssignment, feesToReturn, saveFeeReturns } from "../fee-return-store.ts";
import { signedAmount } from "../ledger.ts";
import { drawPrice, type Price, type Pricing } from "../price.ts";

/** Room for entries in one event, in bytes: below the limit of events, whatever the titles are made of. */
const ENTRIES_BYTES = 56 * 1024;

export function onTask(settings: Settings): Consumer {
  return consumer({
    name: "on-task",
    source: "tasks",
    events: [taskCreatedV2, taskUpdatedV2, taskRegistrationEndedV1],
    command: "billing.task.assign, billing.task.done",
    aboutMoney: true,
    // Balances and block heads are written once for a batch, however many lines move them.
    batchSize: 4_000,
    shares: 2,
    handle: async (ctx, events) => {
      const taskEvents = events.filter((event): event is TaskEvent => event.type !== taskRegistrationEndedV1.type);
      const barriers = ofType(events, taskRegistrationEndedV1);

      const periods = events.map((event) => event.period ?? 0).concat(barriers.map((barrier) => barrier.data.period));
      const frame = await loadFrame(ctx.sql, [...new Set(events.map((e) => e.partition))], min(periods), max(periods));
      const known = await loadTasks(ctx.sql, [...new Set(taskEvents.map((event) => event.data.taskId))]);

      await openPeriods(ctx, barriers, frame, settings.currency);
      await settlePrices(ctx, taskEvents, known, (period) => pricing(frame, period, settings));
      const fees = await feesToReturn(ctx.sql, cancellationsIn(taskEvents));
      const booking = book(
        events,
        frame,
        (taskId) => known.get(taskId)?.price,
        (taskId) => fees.get(taskId),
      );

      const names = changedNames(taskEvents, known);
      if (names.length > 0) await saveTaskNames(ctx.sql, names);
      if (booking.postings.length > 0) {
        await openAccounts(
          ctx.sql,
          booking.postings.map((posting) => posting.userId),
        );
      }
      const blocks = await whileWritten(booking.postings.length > 0 && savePostings(ctx.sql, booking.postings), () => {
        emitEntries(ctx, booking.postings, frame);
        return extendBlocks(frame.blocks, booking.postings);
      });
      await saveFeeReturns(ctx.sql, booking.postings);
      if (booking.intake.length > 0) await saveProgress(ctx.sql, blocks, booking.intake);
      if (booking.barriers.length > 0) await saveBarriers(ctx.sql, booking.barriers);
    },
  });
}

/** Computes something while the database is busy with what was given to it already; ends when both are done. */
async function whileWritten<T>(written: Promise<void> | false, compute: () => T): Promise<T> {
  const [result] = await Promise.all([(async () => compute())(), written]);
  return result;
}

/** Which assignments the batch ends by cancelling their tasks: those that cost a fee. */
function cancellationsIn(events: readonly TaskEvent[]): EndedAssignment[] {
  const updates = ofType(events, taskUpdatedV2);
  return updates.flatMap(({ data: { taskId, assigneeId, cancellation } }) => {
    const assigned = cancellation?.assigned ?? null;
    if (assigned === null || assigneeId === null) return [];
    const here = updates.findLast(
      ({ data, time }) => data.taskId === taskId && data.change === "assigned" && time.toISOString() === assigned.at,
    );
    const entryId = here === undefined ? null : entryIdOf({ ...here, period: assigned.period, leg: 0 });
    return [{ taskId, userId: assigneeId, ...assigned, entryId }];
  });
}

const min = (numbers: readonly number[]) => numbers.reduce((a, b) => Math.min(a, b));
const max = (numbers: readonly number[]) => numbers.reduce((a, b) => Math.max(a, b));

/** What counts for draws in a period. One that is not there yet is refused when it comes to booking. */
function pricing(frame: Frame, number: number | null, settings: Settings): Pricing {
  const period = frame.periods.find((it) => it.number === number);
  return { ...(period?.settings ?? settings), currency: period?.currency ?? settings.currency };
}

/** Draws the prices of new tasks and publishes them. A replay finds the prices of the first time and draws nothing. */
async function settlePrices(
  ctx: Ctx,
  events: readonly TaskEvent[],
  known: Map<string, KnownTask>,
  pricingIn: (period: number | null) => Pricing,
): Promise<void> {
  const drawn = new Map<string, Price & { currency: string }>();
  for (const { type, data, period } of events) {
    if (type === taskCreatedV2.type && known.get(data.taskId)?.price === undefined) {
      const pricing = pricingIn(period);
      drawn.set(data.taskId, { ...drawPrice(pricing), currency: pricing.currency });
    }
  }
  if (drawn.size === 0) return;
  const written = await savePrices(ctx.sql, drawn);
  if (written.size < drawn.size) {
    const there = await loadTasks(ctx.sql, [...drawn.keys()]);
    for (const [taskId, task] of there) known.set(taskId, task);
  }
  for (const [taskId, price] of drawn) {
    const task = known.get(taskId);
    if (task !== undefined && written.has(taskId)) task.price = price;
  }
  for (const event of events) {
    const { taskId } = event.data;
    const price = drawn.get(taskId);
    if (event.type !== taskCreatedV2.type || price === undefined || !written.delete(taskId)) continue;
    const period = event.period ?? undefined;
    ctx.emit(taskPricedV1, { taskId, ...price }, { cause: event, ...(period !== undefined && { period }) });
  }
}

/** Periods that the barriers of this batch begin, in order, unless they are there. Their rows go into the frame. */
async function openPeriods(ctx: Ctx, barriers: readonly BarrierEvent[], frame: Frame, currency: string): Promise<void> {
  for (const { data } of barriers.toSorted((a, b) => a.data.period - b.data.period)) {
    if (frame.periods.some((period) => period.number === data.next.period)) continue;
    const { period: number, businessDate, settings = null } = data.next;
    const opened = await openNextPeriod(ctx.sql, data.next, settings?.currency ?? currency);
    frame.periods.push({ number, businessDate, currency: opened, settings });
  }
}

/** The last name of each task that the batch names otherwise than the books do. */
function changedNames(events: readonly TaskEvent[], known: ReadonlyMap<string, KnownTask>): TaskName[] {
  const last = new Map<string, TaskName>();
  for (const { data, epoch, position } of events) {
    last.set(data.taskId, { taskId: data.taskId, title: data.title, jiraId: data.jiraId, epoch, position });
  }
  return [...last.values()].filter((name) => {
    const before = known.get(name.taskId);
    return before?.title !== name.title || before.jiraId !== name.jiraId;
  });
}

/** Publishes the new lines, many in one event, each event of one period in the partition of what was booked. */
function emitEntries(ctx: Ctx, postings: readonly BookedPosting[], frame: Frame): void {
  let entries: Static<typeof Entry>[] = [];
  let bytes = 0;
  let last: BookedPosting | undefined;
  const flush = () => {
    const period = frame.periods.find((p) => p.number === last?.period);
    if (last === undefined || period === undefined) return;
    ctx.emit(
      entryPostedV4,
      { period: period.number, businessDate: period.businessDate, currency: period.currency, entries },
      { period: period.number, partition: last.event.partition, cause: last.event },
    );
    entries = [];
    bytes = 0;
  };
  for (const posting of postings) {
    const { event, period } = posting;
    // Six bytes are the most that one character can take in JSON.
    const size = 400 + 6 * (event.data.title.length + (event.data.jiraId?.length ?? 0));
    const full = entries.length === MAX_ENTRIES || bytes + size > ENTRIES_BYTES;
    if (entries.length > 0 && (full || last?.period !== period || last.event.partition !== event.partition)) flush();
    entries.push({
      entryId: entryIdOf({ ...event, period, leg: posting.leg }),
      userId: posting.userId,
      kind: posting.kind,
      amountMinor: signedAmount(posting.popugIs, posting.amountMinor),
      taskId: event.data.taskId,
      title: event.data.title,
      jiraId: event.data.jiraId,
      occurredAt: event.time.toISOString(),
      ...(posting.reverses !== undefined && { reverses: posting.reverses }),
    });
    bytes += size;
    last = posting;
  }
  if (entries.length > 0) flush();
}
