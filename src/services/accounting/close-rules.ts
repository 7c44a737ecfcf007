/** What has to hold before a period may be closed. Each sum comes from another place in the books. */
import type { Discarded } from "../../contracts/accounting/billing.closed.v1.ts";

import { allPartitions, PARTITIONS } from "../../platform/event.ts";

/** The sums of a period, in minor units. */
export type CloseFigures = {
  /** Of all accounts, without payouts. */
  movedDebitsMinor: number;
  movedCreditsMinor: number;
  feesMinor: number;
  /** Net of taken-back rewards. */
  rewardsMinor: number;
  /** Payouts of earlier periods that came back. */
  returnedMinor: number;
  /** Debts that were given up. */
  writtenOffMinor: number;
  /** Balances that were brought in. */
  openedMinor: number;
  accountCount: number;
  openingsMinor: number;
  creditsMinor: number;
  debitsMinor: number;
  payoutsMinor: number;
  closingsMinor: number;
  payoutCount: number;
  negativeCount: number;
  statementsHash: string;
  /** Payouts as they were posted. */
  paidCount: number;
  paidMinor: number;
  previousClosingsMinor: number;
  /** Postings of task events. */
  lineCount: number;
  discardedCount: number;
};

/** Room for them in the event, which has other things to say. */
const DISCARDED_BYTES = 24 * 1024;

/** As many of them, from the first on, as there is room for in an event. */
export function firstThatFit(discarded: readonly Discarded[]): Discarded[] {
  let bytes = 0;
  return discarded.filter((one) => (bytes += Buffer.byteLength(JSON.stringify(one))) <= DISCARDED_BYTES);
}

/** Throws the first rule that does not hold; the close is rolled back then, and the period stays closing. */
export function assertFigures(period: number, f: CloseFigures): void {
  const rule = (what: string, left: number, right: number) => {
    if (left !== right) throw new Error(`period ${period} cannot be closed: ${what} (${left} against ${right})`);
  };
  rule("debits differ from credits", f.movedDebitsMinor, f.movedCreditsMinor);
  rule(
    "popugs were not credited and debited what the house was",
    f.creditsMinor - f.debitsMinor,
    f.rewardsMinor - f.feesMinor + f.returnedMinor + f.writtenOffMinor + f.openedMinor,
  );
  rule("openings differ from the closings before", f.openingsMinor, f.previousClosingsMinor);
  const closings = f.openingsMinor + f.creditsMinor - f.debitsMinor - f.payoutsMinor;
  rule("closings do not follow from openings and movements", f.closingsMinor, closings);
  rule("statements and postings differ in what is paid out", f.payoutsMinor, f.paidMinor);
  rule("statements and postings differ in the number of payouts", f.payoutCount, f.paidCount);
}

/** The partitions whose accounts are closed in one statement: all of them, or as few as keep it below so many accounts. */
export function partitionsAtOnce(accounts: number, atOnce: number): number[][] {
  const portions = Math.min(PARTITIONS, Math.max(1, Math.ceil(accounts / atOnce)));
  const each = Math.ceil(PARTITIONS / portions);
  return Array.from({ length: Math.ceil(PARTITIONS / each) }, (_, n) => allPartitions.slice(n * each, (n + 1) * each));
}
