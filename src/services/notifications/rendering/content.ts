/** What rendering is given of a mail, and what it makes of it. */
import type { MailKind } from "../mail.ts";
import type { Language } from "./format.ts";
import type { Sheet } from "./page.ts";

/** A mail and who reads it, as far as rendering needs to know. */
export type ToRender = {
  kind: MailKind;
  /** Null: it is about none. */
  period: number | null;
  userId: string;
  data: unknown;
  name: string;
  language: Language;
};
/** A mail about a period. */
export type OfPeriod = ToRender & { period: number };

/** `cid`: the name by which the HTML shows it. */
export type Attachment = { filename: string; contentType: string; content: Buffer; cid?: string };
export type Rendered = { subject: string; text: string; html: string; attachments: Attachment[] };
/** Each kind makes a sheet, and what hangs on it. */
export type Content = { sheet: Sheet; attachments?: Attachment[] };
