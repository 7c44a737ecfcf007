/** Postings that accounting makes by itself, not because of an event of tasks. Pure. */
import { type EntryKind, type HouseAccount, popugSide } from "./ledger.ts";

/** Their sources; numbers are accounting's own, by period. In the order in which their blocks are sealed, behind those of tasks. */
export const ownSources = ["return", "opening", "debt", "correction"] as const;
export type OwnSource = (typeof ownSources)[number];

/** One posting, before account ids are known. */
export type OwnLeg = {
  leg: number;
  kind: EntryKind;
  house: HouseAccount;
  popugIs: "debit" | "credit";
  /** Above zero. */
  amountMinor: number;
};

/** A leg of a kind; which side is the popug's follows from it. */
export function ownLeg(leg: number, kind: EntryKind, house: HouseAccount, amountMinor: number): OwnLeg {
  return { leg, kind, house, popugIs: popugSide[kind], amountMinor };
}
