/** What a mail is, apart from its text: kinds, keys, names, when it is tried again. Pure. */
import { createHash } from "node:crypto";

export const mailKinds = ["payslip", "report", "audit"] as const;
export type MailKind = (typeof mailKinds)[number];
export const mailStatuses = ["queued", "sending", "sent", "failed"] as const;
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

/** The file of a mail in the mailbox folder: the same for every attempt. Keys hold no dot, so no two share a name. */
export function mailFileName(key: string): string {
  return `${key.replaceAll(":", ".")}.eml`;
}

/** The Message-ID, the same for every attempt: mailboxes and people recognise a repeat by it. */
export function messageId(key: string, from: string): string {
  const domain = /@([a-z0-9.-]+)/i.exec(from)?.[1] ?? "popug.invalid";
  return `<${createHash("sha256").update(key).digest("hex").slice(0, 40)}@${domain}>`;
}

/** True for an address that can stand in a header and an envelope as it is: one mailbox, nothing that ends a line. */
export function isUsableAddress(address: string): boolean {
  return address.length <= 254 && /^[^\s<>()[\]\\,;:"@\p{Cc}]+@[^\s<>()[\]\\,;:"@\p{Cc}]+$/u.test(address);
}

/** Text for one line of a header: control characters and line ends become blanks. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim()
    .slice(0, 300);
}

/** A mail that will never go out as it is; trying it again by itself makes no sense. */
export class UnsendableMail extends Error {
  override name = "UnsendableMail";
}
