/** What a mail is, apart from its text: kinds, states, when it is tried again. Pure. */

export const mailKinds = [
  "payslip",
  "report",
  "audit",
  "payout-failed",
  "pay-details-changed",
  "statement",
  "role-changed",
  "assignments",
  "dead-letters",
] as const;
export type MailKind = (typeof mailKinds)[number];
export const mailStatuses = ["queued", "sending", "sent", "failed", "withheld"] as const;
export type MailStatus = (typeof mailStatuses)[number];

/** How often a mail is tried before it is left to people (about ten hours with the delays below). */
export const MAX_ATTEMPTS = 8;
const FIRST_DELAY_MS = 10_000;
const LONGEST_DELAY_MS = 4 * 3_600_000;

/**
 * How long to wait after the given attempt failed: 10 s, 40 s, 160 s, … up to four hours, of which a random half is taken
 * off, so that a hundred thousand mails do not come back in the same second.
 * @param attempt which attempt it was, from 1
 * @param random between 0 and 1
 */
export function retryDelayMs(attempt: number, random: number): number {
  return Math.round(Math.min(FIRST_DELAY_MS * 4 ** (attempt - 1), LONGEST_DELAY_MS) * (1 - random / 2));
}
