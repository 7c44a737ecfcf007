/** The rules of corrections. Pure. */
import { Refusal } from "../../platform/refusal.ts";
import type { EntryRow } from "./entry-store.ts";
import type { EntryKind, HouseAccount } from "./ledger.ts";
import { type OwnLeg, ownLeg } from "./own-posting.ts";

/** Source of the postings of corrections: their numbers are accounting's own, by period. */
export const CORRECTION_SOURCE = "correction";

/** What somebody wants corrected. */
export type CorrectionRequest = {
  id: string;
  entryId: string;
  userId: string;
  taskId: string | null;
  kind: "fee" | "reward";
  partition: number;
  wasMinor: number;
  becomesMinor: number;
  effectiveDay: string;
  reason: string;
  requestedBy: string;
  requestedAt: Date;
  needsSecond: boolean;
};

/**
 * What it takes to correct an entry.
 * @param limitMinor a difference above it needs a second person
 * @throws Refusal `own-account`, `not-correctable`, `nothing-to-correct`
 */
export function decideCorrection(
  entry: Pick<EntryRow, "userId" | "taskId" | "kind" | "partition" | "amountMinor">,
  wanted: { becomesMinor: number; actor: string; limitMinor: number },
): Pick<CorrectionRequest, "userId" | "taskId" | "kind" | "partition" | "wasMinor" | "becomesMinor" | "needsSecond"> {
  assertNotOwn(entry.userId, wanted.actor);
  const { userId, taskId, kind, partition, amountMinor: wasMinor } = entry;
  if (kind !== "fee" && kind !== "reward") {
    throw new Refusal("conflict", "not-correctable", "Only a fee or a reward can be corrected.");
  }
  if (wanted.becomesMinor === wasMinor) {
    throw new Refusal("conflict", "nothing-to-correct", "The entry has this amount already.");
  }
  const needsSecond = Math.abs(wanted.becomesMinor - wasMinor) > wanted.limitMinor;
  return { userId, taskId, kind, partition, wasMinor, becomesMinor: wanted.becomesMinor, needsSecond };
}

/** Whether a second person may agree. */
export function assertMayApprove(request: CorrectionRequest, actor: string): void {
  assertNotOwn(request.userId, actor);
  if (request.requestedBy === actor) {
    throw new Refusal("forbidden", "second-person-needed", "Somebody else has to agree to this correction.");
  }
}

function assertNotOwn(userId: string, actor: string): void {
  if (userId === actor) throw new Refusal("forbidden", "own-account", "Nobody corrects their own account.");
}

/** The postings: the old amount back (leg 0), the right one anew (leg 1, unless it is nothing). */
export function correctionLegs(request: Pick<CorrectionRequest, "kind" | "wasMinor" | "becomesMinor">): OwnLeg[] {
  const house: HouseAccount = request.kind === "fee" ? "fee-income" : "reward-expense";
  const leg = (number: number, kind: EntryKind, amountMinor: number): OwnLeg[] =>
    amountMinor === 0 ? [] : [ownLeg(number, kind, house, amountMinor)];
  return [...leg(0, `${request.kind}-reversal`, request.wasMinor), ...leg(1, request.kind, request.becomesMinor)];
}
