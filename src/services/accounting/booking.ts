/**
 * What a batch of task events means for the books. Pure: from the events and what is known, to what is to be written.
 * The result does not depend on how the events are cut into batches.
 */
import type { CompanySettings } from "../../contracts/tasks/company-settings.ts";
import type { taskCreatedV2 } from "../../contracts/tasks/task.created.v2.ts";
import type { taskRegistrationEndedV1 } from "../../contracts/tasks/task.registration-ended.v1.ts";
import type { taskUpdatedV2 } from "../../contracts/tasks/task.updated.v2.ts";
import { checksumOf, type Received } from "../../platform/event.ts";
import { entryIdOf } from "./entry.ts";
import { type BookedFee, type Posting, postingsOf } from "./ledger.ts";
import type { Price } from "./price.ts";
import { EMPTY_HEAD, foldHead, postingLine } from "./seal.ts";

export type TaskEvent = Received<typeof taskCreatedV2> | Received<typeof taskUpdatedV2>;
export type BarrierEvent = Received<typeof taskRegistrationEndedV1>;

/** A place in a partition; places of different epochs compare by epoch first. */
export type Place = { epoch: number; position: number };

/** The rolling hash of what was booked of a period from one partition. */
export type Block = { period: number; partition: number; head: string; lines: number; last: Place; dirty: boolean };

/** `settings`: null where it was opened before they had versions. */
export type OpenedPeriod = { number: number; businessDate: string; currency: string; settings: CompanySettings | null };

/** What the books know before a batch: of its partitions and of its periods with their predecessors. */
export type Frame = {
  barriers: { period: number; partition: number; epoch: number; position: number }[];
  blocks: Block[];
  periods: OpenedPeriod[];
};

export type BookedPosting = Posting & { event: Received<typeof taskUpdatedV2>; period: number };
export type Intake = { period: number; partition: number; type: string; count: number; checksum: number };
export type Booking = { postings: BookedPosting[]; intake: Intake[]; barriers: BarrierEvent[] };

/**
 * Books a batch: events of one or more partitions, each partition's in order. Throws at the first that must not be booked.
 * @param feeOf the fee that the books held before the batch for the assignment that a task's cancellation ends, or to which
 * it was corrected
 */
export function book(
  events: readonly (TaskEvent | BarrierEvent)[],
  frame: Pick<Frame, "barriers">,
  priceOf: (taskId: string) => Price | undefined,
  feeOf: (taskId: string) => BookedFee | undefined = () => undefined,
): Booking {
  const seen = new Map(frame.barriers.map((barrier) => [slot(barrier.period, barrier.partition), barrier as Place]));
  const intake = new Map<string, Intake>();
  const fees = new Map<string, BookedFee>();
  const gives = events.some((event) => !isBarrier(event) && isUpdate(event) && event.data.change === "cancelled");
  const assignment = (taskId: string, userId: string | null, at: string | undefined) => `${taskId} ${userId} ${at}`;
  const booking: Booking = { postings: [], intake: [], barriers: [] };

  for (const event of events) {
    if (isBarrier(event)) {
      assertBarrierFits(event, seen);
      seen.set(slot(event.data.period, event.partition), event);
      booking.barriers.push(event);
      continue;
    }
    const period = assertInsidePeriod(event, seen);
    count(intake, event, period);
    if (!isUpdate(event)) continue;
    const price = priceOf(event.data.taskId);
    // The price is drawn at task.created, which stands before it on the same key; without it somebody discarded that.
    if (price === undefined)
      throw new Error(`task ${event.data.taskId} has no price: its task.created was never booked`);
    const { taskId, assigneeId, cancellation } = event.data;
    const fee = gives
      ? (feeOf(taskId) ?? fees.get(assignment(taskId, assigneeId, cancellation?.assigned?.at)))
      : undefined;
    for (const posting of postingsOf(event.data, price, fee)) {
      booking.postings.push({ ...posting, event, period });
      // Kept only for those of the same batch that may give it back.
      if (gives && posting.kind === "fee") {
        const at = event.time.toISOString();
        fees.set(assignment(taskId, assigneeId, at), { ...posting, entryId: entryIdOf({ ...event, period, leg: 0 }) });
      }
    }
  }
  booking.intake = [...intake.values()];
  return booking;
}

/** The block heads of a frame that booked postings move, as they are behind them. */
export function extendBlocks(before: readonly Block[], postings: readonly BookedPosting[]): Block[] {
  const blocks = new Map(before.map((block) => [slot(block.period, block.partition), { ...block }]));
  const touched = new Set<Block>();
  for (const posting of postings) touched.add(extendBlock(blocks, posting));
  return [...touched];
}

const slot = (period: number, partition: number) => `${period}/${partition}`;

function isBarrier(event: TaskEvent | BarrierEvent): event is BarrierEvent {
  return event.type === "task.registration-ended";
}

function isUpdate(event: TaskEvent): event is Received<typeof taskUpdatedV2> {
  return event.type === "task.updated";
}

/** Is `a` behind `b` in the log? */
function isAfter(a: Place, b: Place): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.position > b.position);
}

/** Barriers come in the order of periods, one per partition and period. */
function assertBarrierFits(event: BarrierEvent, seen: ReadonlyMap<string, Place>): void {
  const { period } = event.data;
  const where = `partition ${event.partition}, position ${event.position}`;
  if (seen.has(slot(period, event.partition))) throw new Error(`a second end of period ${period} (${where})`);
  const before = seen.get(slot(period - 1, event.partition));
  if (period > 0 && (before === undefined || !isAfter(event, before))) {
    throw new Error(`period ${period} ends before period ${period - 1} did (${where})`);
  }
}

/** The period that tasks stamped, once the place in the log agrees: behind the barrier before, in front of its own. */
function assertInsidePeriod(event: TaskEvent, seen: ReadonlyMap<string, Place>): number {
  const { period, partition, position } = event;
  if (period === null || period < 1) throw new Error(`${event.type} ${event.id} carries no period`);
  const begin = seen.get(slot(period - 1, partition));
  if (begin === undefined || !isAfter(event, begin)) {
    throw new Error(
      `an event of period ${period} stands before its beginning (partition ${partition}, position ${position})`,
    );
  }
  const end = seen.get(slot(period, partition));
  if (end !== undefined && isAfter(event, end)) {
    throw new Error(
      `an event of period ${period} stands behind its barrier (partition ${partition}, position ${position})`,
    );
  }
  return period;
}

function count(intake: Map<string, Intake>, event: TaskEvent, period: number): void {
  const key = `${slot(period, event.partition)}/${event.type}`;
  const sum = intake.get(key) ?? { period, partition: event.partition, type: event.type, count: 0, checksum: 0 };
  sum.count += 1;
  sum.checksum += checksumOf(event.id);
  intake.set(key, sum);
}

function extendBlock(blocks: Map<string, Block>, posting: BookedPosting): Block {
  const { event, period } = posting;
  const { partition } = event;
  const key = slot(period, partition);
  let block = blocks.get(key);
  if (block === undefined) {
    block = { period, partition, head: EMPTY_HEAD, lines: 0, last: { epoch: 0, position: 0 }, dirty: false };
    blocks.set(key, block);
  }
  // An event that was redriven behind later ones: the chain in order of position is made at the close, from the postings.
  if (isAfter(block.last, event)) block.dirty = true;
  else block.last = { epoch: event.epoch, position: event.position };
  block.lines += 1;
  if (!block.dirty) {
    const line = postingLine({
      position: event.position,
      leg: posting.leg,
      kind: posting.kind,
      userId: posting.userId,
      amountMinor: posting.amountMinor,
      taskId: event.data.taskId,
      occurredAtMs: event.time.getTime(),
    });
    block.head = foldHead(block.head, line);
  }
  return block;
}
