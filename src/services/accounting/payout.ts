/** The rules of payouts: which steps there are, who may take them, what a file of them is called. Pure. */
import { createHash } from "node:crypto";
import { holdsIban } from "../../platform/iban.ts";
import { Refusal } from "../../platform/refusal.ts";
import { type EntryKey, entryIdOf } from "./entry.ts";
import { type OwnLeg, ownLeg } from "./own-posting.ts";

/** Source of the postings that give payouts back. */
export const RETURN_SOURCE = "return";

/** `waiting`: requested, but the popug has not said where to be paid. */
export const payoutStates = ["waiting", "requested", "sent", "confirmed", "failed"] as const;
export type PayoutState = (typeof payoutStates)[number];
export type PayoutStep = "sent" | "confirmed" | "failed";

const from: Record<PayoutStep, readonly PayoutState[]> = {
  sent: ["requested"],
  confirmed: ["sent"],
  failed: ["waiting", "requested", "sent"],
};

/**
 * The stored state that a payout leaves with a step.
 * @throws Refusal `pay-details-missing`, `payout-elsewhere`, `own-account`
 */
export function decideStep(
  payout: { userId: string; state: PayoutState },
  step: PayoutStep,
  actor: string,
): "requested" | "sent" {
  if (step === "sent" && payout.state === "waiting") {
    throw new Refusal("conflict", "pay-details-missing", "This popug has not said yet where to be paid.");
  }
  if (!from[step].includes(payout.state)) {
    throw new Refusal("conflict", "payout-elsewhere", `This payout is ${payout.state}; it cannot become ${step}.`);
  }
  if (step === "failed" && payout.userId === actor) {
    throw new Refusal("forbidden", "own-account", "Nobody gives a payout back to their own account.");
  }
  return payout.state === "sent" ? "sent" : "requested";
}

/** A reason goes into an event and a mail, where no account number belongs. */
export function assertNoAccountNumber(reason: string): void {
  if (holdsIban(reason)) {
    throw new Refusal("invalid", "account-number-in-reason", "Leave the account number out of the reason.");
  }
}

/** The posting that gives a payout back. */
export function returnLegs(amountMinor: number): OwnLeg[] {
  return [ownLeg(0, "payout-return", "payout-clearing", amountMinor)];
}

type Place = Pick<EntryKey, "period" | "partition" | "position">;

/** The entry of a payout, which is also its end-to-end id: whoever reads it on a bank statement finds the line of the books. */
export function payoutEntryId(place: Place): string {
  return entryIdOf({ ...place, source: "accounting", epoch: 0, leg: 0 });
}

/** The entry that gave it back. */
export function returnEntryId(place: Place): string {
  return entryIdOf({ ...place, source: RETURN_SOURCE, epoch: 0, leg: 0 });
}

/** One payment of a file, and to which pay details of its popug. */
export type FileLine = Place & { userId: string; amountMinor: number; detailsId: number };

/**
 * The message id of a file of payouts: `POPUG-<period>-<pay details as of>-<hash>`. The same payments have the same id and
 * others another, so that a bank which gets a file twice can tell. No account number goes into the hash.
 */
export function messageIdOf(period: number, asOf: number, lines: readonly FileLine[]): string {
  const told = lines.map((line) => `${payoutEntryId(line)}|${line.amountMinor}|${line.detailsId}\n`).join("");
  return `POPUG-${period}-${asOf}-${createHash("sha256").update(told).digest("hex").slice(0, 10)}`;
}

/** As of which pay details the file of that message id was made; undefined for the id of something else. */
export function asOfMessage(messageId: string, period: number): number | undefined {
  const match = /^POPUG-(\d{1,9})-(\d{1,12})-[0-9a-f]{10}$/.exec(messageId);
  return match === null || Number(match[1]) !== period ? undefined : Number(match[2]);
}
