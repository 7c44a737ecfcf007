/** What has to hold before a period may be closed. Each sum comes from another place in the books. */

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

/** Throws the first rule that does not hold; the close is rolled back then, and the period stays closing. */
export function assertFigures(period: number, f: CloseFigures): void {
  const rule = (what: string, left: number, right: number) => {
    if (left !== right) throw new Error(`period ${period} cannot be closed: ${what} (${left} against ${right})`);
  };
  rule("debits differ from credits", f.movedDebitsMinor, f.movedCreditsMinor);
  rule(
    "popugs were not credited and debited what the house was",
    f.creditsMinor - f.debitsMinor,
    f.rewardsMinor - f.feesMinor + f.returnedMinor + f.writtenOffMinor,
  );
  rule("openings differ from the closings before", f.openingsMinor, f.previousClosingsMinor);
  const closings = f.openingsMinor + f.creditsMinor - f.debitsMinor - f.payoutsMinor;
  rule("closings do not follow from openings and movements", f.closingsMinor, closings);
  rule("statements and postings differ in what is paid out", f.payoutsMinor, f.paidMinor);
  rule("statements and postings differ in the number of payouts", f.payoutCount, f.paidCount);
}
