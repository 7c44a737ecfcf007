/** The rules of write-offs: the debt of somebody who left is carried on for ever, or given up by two people. Pure. */
import { Refusal } from "../../platform/refusal.ts";
import { type OwnLeg, ownLeg } from "./own-posting.ts";

/** Source of the postings that give debts up. */
export const DEBT_SOURCE = "debt";

/** A debt that somebody wants to give up. */
export type WriteOffRequest = {
  id: string;
  userId: string;
  /** Above zero. */
  amountMinor: number;
  reason: string;
  requestedBy: string;
  requestedAt: Date;
};

type Debtor = { userId: string; active: boolean; balanceMinor: number };

/**
 * How much is given up: all of the debt.
 * @throws Refusal `own-account`, `still-active`, `no-debt`
 */
export function decideWriteOff(debtor: Debtor, actor: string): number {
  assertDebtor(debtor, actor);
  if (debtor.balanceMinor >= 0) throw new Refusal("conflict", "no-debt", "This account is not below zero.");
  return -debtor.balanceMinor;
}

/** Whether a second person may agree: what was asked for is still owed by somebody who is still gone. */
export function assertMayWriteOff(request: WriteOffRequest, debtor: Debtor, actor: string): void {
  assertDebtor(debtor, actor);
  if (request.requestedBy === actor) {
    throw new Refusal("forbidden", "second-person-needed", "Somebody else has to agree to this write-off.");
  }
  if (-debtor.balanceMinor < request.amountMinor) {
    throw new Refusal("conflict", "debt-changed", "Less is owed now than was to be given up: ask for it anew.");
  }
}

function assertDebtor(debtor: Debtor, actor: string): void {
  if (debtor.userId === actor) throw new Refusal("forbidden", "own-account", "Nobody gives up their own debt.");
  if (debtor.active) {
    throw new Refusal("conflict", "still-active", "Whoever is still here works their debt off; it is carried on.");
  }
}

/** The posting that gives a debt up. */
export function writeOffLegs(amountMinor: number): OwnLeg[] {
  return [ownLeg(0, "write-off", "write-off", amountMinor)];
}
