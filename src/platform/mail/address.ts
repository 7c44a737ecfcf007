/** Names and addresses of mails: what may stand in a header, and how a repeat is recognised. Pure. */
import { createHash } from "node:crypto";

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
