/** What a mail says to its reader: loads what it is about and makes subject, text, HTML and attachments of it. */
import type { Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import { oneLine, UnsendableMail } from "../../../platform/mail/address.ts";
import type { MailKind } from "../mail.ts";
import { auditMail } from "./audit.ts";
import { failedPayoutMail } from "./failed-payout.ts";
import type { Language } from "./format.ts";
import { type Sheet, toHtml, toText } from "./page.ts";
import { payslipMail } from "./payslip.ts";
import { reportMail } from "./report.ts";

/** A mail and who reads it, as far as rendering needs to know. */
export type ToRender = {
  kind: MailKind;
  period: number;
  userId: string;
  data: unknown;
  name: string;
  language: Language;
};

export type Attachment = { filename: string; contentType: string; content: Buffer };
export type Rendered = { subject: string; text: string; html: string; attachments: Attachment[] };
/** Each kind makes a sheet, and what hangs on it. */
export type Content = { sheet: Sheet; attachments?: Attachment[] };

const contents: Record<MailKind, (sql: Sql, mail: ToRender, settings: Settings) => Promise<Content>> = {
  payslip: payslipMail,
  report: reportMail,
  audit: auditMail,
  "payout-failed": failedPayoutMail,
};

/**
 * Renders a mail in its reader's language, from what the service knows now.
 * @throws UnsendableMail when what it is about is not there
 */
export async function renderMail(sql: Sql, mail: ToRender, settings: Settings): Promise<Rendered> {
  const make = contents[mail.kind];
  if (make === undefined) throw new UnsendableMail(`no mail of the kind ${mail.kind} can be written`);
  const { sheet, attachments = [] } = await make(sql, mail, settings);
  return { subject: oneLine(sheet.subject), text: toText(sheet), html: toHtml(sheet), attachments };
}
