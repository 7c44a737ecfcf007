/** The trial balance of a period, from the lines of its audit log: debits and credits by kind of account. Pure. */
import type { AuditLine } from "./statement-store.ts";

/** Accounts of popugs, and those of the house on the other side of their lines. */
export const ledgerAccounts = [
  "popug",
  "fee-income",
  "reward-expense",
  "payout-clearing",
  "write-off",
  "opening-balance",
] as const;
export type LedgerAccount = (typeof ledgerAccounts)[number];

const otherSide: Record<AuditLine["kind"], LedgerAccount> = {
  fee: "fee-income",
  "fee-reversal": "fee-income",
  reward: "reward-expense",
  "reward-reversal": "reward-expense",
  payout: "payout-clearing",
  "payout-return": "payout-clearing",
  "write-off": "write-off",
  opening: "opening-balance",
  "opening-debt": "opening-balance",
};

/** What lines of a kind gave to popugs and took from them. */
export type KindSum = { kind: AuditLine["kind"]; givenMinor: number; takenMinor: number };
export type TrialLine = { account: LedgerAccount; debitsMinor: number; creditsMinor: number };

/** One line for each kind of account; debits and credits add up to the same sum. */
export function trialBalanceOf(sums: readonly KindSum[]): TrialLine[] {
  const lines = ledgerAccounts.map((account): TrialLine => ({ account, debitsMinor: 0, creditsMinor: 0 }));
  const add = (account: LedgerAccount, debits: number, credits: number) => {
    const line = lines.find((it) => it.account === account) as TrialLine;
    line.debitsMinor += debits;
    line.creditsMinor += credits;
  };
  for (const { kind, givenMinor, takenMinor } of sums) {
    add("popug", takenMinor, givenMinor);
    add(otherSide[kind], givenMinor, takenMinor);
  }
  return lines;
}
