/**
 * The rules of the ledger: which event is which posting. Pure; the same event and price give the same posting for ever.
 * A posting moves one amount from a debited to a credited account, so every posting sums to zero by its form.
 */
import type { taskUpdatedV2 } from "../../contracts/tasks/task.updated.v2.ts";
import { PARTITIONS } from "../../platform/event.ts";
import type { DataOf } from "../../platform/contract.ts";
import type { Price } from "./price.ts";

export type EntryKind =
  | "fee"
  | "fee-reversal"
  | "reward"
  | "reward-reversal"
  | "payout"
  | "payout-return"
  | "write-off"
  | "opening"
  | "opening-debt";
export type HouseAccount =
  | "fee-income"
  | "reward-expense"
  | "payout-clearing"
  | "suspense"
  | "write-off"
  | "opening-balance";

/** First account id of each sliced house account; the slice of a partition is `base + partition` (001-accounts.sql). */
const houseBase: Record<HouseAccount, number> = {
  "fee-income": 100,
  "reward-expense": 200,
  "payout-clearing": 300,
  suspense: 400,
  "write-off": 500,
  "opening-balance": 600,
};

/** The account id of a house account's slice. */
export function houseAccount(name: HouseAccount, partition: number): number {
  return houseBase[name] + partition;
}

/** The account ids of all slices of a house account: so few that their sums are read by id, never by searching accounts. */
export function houseAccounts(name: HouseAccount): number[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => houseAccount(name, partition));
}

/** Accounts of popugs have ids from here on. */
export const FIRST_POPUG_ACCOUNT = 1_000;

/** One posting of an event, before account ids are known: the popug's side and the house's. */
export type Posting = {
  /** Numbers the postings of one event, from 0. */
  leg: number;
  kind: EntryKind;
  userId: string;
  house: HouseAccount;
  /** Which side of the posting is the popug's account. */
  popugIs: "debit" | "credit";
  /** Above zero. */
  amountMinor: number;
  /** The entry that it takes back, where that is one certain line. */
  reverses?: string;
};

/** The fee of the present assignment as the books hold it: corrected, perhaps. */
export type BookedFee = { entryId: string; amountMinor: number };

/**
 * What a change of a task means in the books:
 * `assigned` costs the assignee the fee, `done` pays the reward, `reopened` takes that reward back, `cancelled` gives the fee
 * back that was booked for the present assignment (if one was), `edited` is no money.
 * A price of zero is no posting. An `assigned`, `done` or `reopened` without an assignee contradicts the contract.
 */
export function postingsOf(event: DataOf<typeof taskUpdatedV2>, price: Price, fee?: BookedFee): Posting[] {
  switch (event.change) {
    case "edited":
      return [];
    case "assigned":
      return posting("fee", "fee-income", "debit", price.feeMinor, event);
    case "done":
      return posting("reward", "reward-expense", "credit", price.rewardMinor, event);
    case "reopened":
      return posting("reward-reversal", "reward-expense", "debit", price.rewardMinor, event);
    case "cancelled":
      if (fee === undefined) return [];
      return posting("fee-reversal", "fee-income", "credit", fee.amountMinor, event).map((it) => ({
        ...it,
        reverses: fee.entryId,
      }));
    default:
      throw new Error(
        `task.updated of ${event.taskId} has a change nobody knows: ${String(event.change satisfies never)}`,
      );
  }
}

function posting(
  kind: EntryKind,
  house: HouseAccount,
  popugIs: "debit" | "credit",
  amountMinor: number,
  event: DataOf<typeof taskUpdatedV2>,
): Posting[] {
  if (event.assigneeId === null) throw new Error(`task ${event.taskId} was ${event.change}, but to nobody`);
  return amountMinor === 0 ? [] : [{ leg: 0, kind, userId: event.assigneeId, house, popugIs, amountMinor }];
}

/** The amount as the popug sees it: what is debited to their account is negative. */
export function signedAmount(popugIs: "debit" | "credit", amountMinor: number): number {
  return popugIs === "credit" ? amountMinor : -amountMinor;
}

/** Which side the popug's account has in postings of a kind. */
export const popugSide: Record<EntryKind, "debit" | "credit"> = {
  fee: "debit",
  "fee-reversal": "credit",
  reward: "credit",
  "reward-reversal": "debit",
  payout: "debit",
  "payout-return": "credit",
  "write-off": "credit",
  opening: "credit",
  "opening-debt": "debit",
};

/** Moves an account without being earned: not part of what somebody earned on a day. */
export const unearnedKinds = ["payout-return", "write-off", "opening", "opening-debt"] as const satisfies EntryKind[];
