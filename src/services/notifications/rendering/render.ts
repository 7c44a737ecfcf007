/** What a mail says to its reader: loads what it is about and makes subject, text, HTML and attachments of it. */
import type { Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import { oneLine, UnsendableMail } from "../../../platform/mail/address.ts";
import type { MailKind } from "../mail.ts";
import { assignmentsMail } from "./assignments.ts";
import { auditMail } from "./audit.ts";
import type { Content, OfPeriod, Rendered, ToRender } from "./content.ts";
import { deadLettersMail } from "./dead-letters.ts";
import { failedPayoutMail } from "./failed-payout.ts";
import { toHtml, toText } from "./page.ts";
import { payDetailsChangedMail } from "./pay-details-changed.ts";
import { payslipMail } from "./payslip.ts";
import { reportMail } from "./report.ts";
import { roleChangedMail } from "./role-changed.ts";
import { statementMail } from "./statement.ts";

type Make<M> = (sql: Sql, mail: M, settings: Settings) => Promise<Content>;

const contents: Record<MailKind, Make<ToRender>> = {
  payslip: ofPeriod(payslipMail),
  report: ofPeriod(reportMail),
  audit: ofPeriod(auditMail),
  "payout-failed": failedPayoutMail,
  "pay-details-changed": payDetailsChangedMail,
  statement: statementMail,
  "role-changed": roleChangedMail,
  assignments: assignmentsMail,
  "dead-letters": deadLettersMail,
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

function ofPeriod(make: Make<OfPeriod>): Make<ToRender> {
  return async (sql, mail, settings) => {
    if (mail.period === null) throw new UnsendableMail(`a mail of the kind ${mail.kind} is about a period`);
    return await make(sql, { ...mail, period: mail.period }, settings);
  };
}
