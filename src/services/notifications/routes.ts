/** Mails over HTTP: all of them for operators, their own for everybody. */
import { Type } from "typebox";
import { OneOf, Uuid } from "../../platform/contract.ts";
import { Page, page, pageParameters, readCursor } from "../../platform/http/paging.ts";
import { command, query, type Route } from "../../platform/http/route.ts";
import { choiceRoutes } from "./choice-routes.ts";
import type { Settings } from "../../settings.ts";
import { retryMail } from "./commands/retry-mail.ts";
import { mailFileName } from "../../platform/mail/address.ts";
import { mailKinds, mailStatuses } from "./mail.ts";
import { listMails, type MailRow } from "./mail-list-store.ts";
import { makeFailedDue } from "./mail-store.ts";
import { payslipRoutes } from "./payslip-routes.ts";
import { contentOf, fileOf, findMailFor } from "./queries/show-mail.ts";
import { MailFile, MailSummary, MailWithContent, OwnMail, OwnMailWithContent, showMail, showOwn } from "./shapes.ts";

const position = (mail: MailRow) => [mail.createdAtText, mail.mailId];
const params = Type.Object({ mailId: Uuid });

export function routes(settings: Settings): Route[] {
  return [
    ...payslipRoutes(settings),
    ...choiceRoutes,
    query({
      operationId: "listMails",
      method: "GET",
      path: "/mails",
      policy: "operations",
      summary: "Mails, the newest first, and what became of them.",
      query: Type.Object({
        kind: Type.Optional(OneOf(mailKinds)),
        status: Type.Optional(OneOf(mailStatuses)),
        userId: Type.Optional(Uuid),
        ...pageParameters,
      }),
      response: Page(MailSummary),
      async handle({ sql }, { query: { kind, status, userId, limit = 50, cursor } }) {
        const rows = await listMails(sql, { kind, status, userId, limit, after: readCursor(cursor) });
        return page(rows, limit, position, showMail);
      },
    }),
    query({
      operationId: "getMail",
      method: "GET",
      path: "/mails/:mailId",
      policy: "operations",
      summary: "A mail with its text and HTML.",
      params,
      response: MailWithContent,
      async handle({ sql }, { params: { mailId } }) {
        const mail = await findMailFor(sql, mailId);
        return { ...showMail(mail), ...(await contentOf(sql, mail, settings)) };
      },
    }),
    query({
      operationId: "getMailFile",
      method: "GET",
      path: "/mails/:mailId/file",
      policy: "operations",
      summary: "A mail as it travels, attachments included.",
      params,
      response: MailFile,
      async handle({ sql }, { params: { mailId } }) {
        const mail = await findMailFor(sql, mailId);
        return { filename: mailFileName(mail.key), eml: await fileOf(sql, mail, settings) };
      },
    }),
    command({
      operationId: "retryMail",
      command: "mail.retry",
      method: "POST",
      path: "/mails/:mailId/retry",
      policy: "operations",
      summary: "Send a mail that waits or has failed now.",
      params,
      response: MailSummary,
      handle: ({ sql }, { params: { mailId } }) => retryMail(sql, mailId),
    }),
    command({
      operationId: "retryFailedMails",
      command: "mail.retry",
      method: "POST",
      path: "/mails/retry",
      policy: "operations",
      summary: "Send all failed mails again, after the mail server was down for long.",
      response: Type.Object({ count: Type.Integer() }),
      handle: async ({ sql }) => ({ count: await makeFailedDue(sql) }),
    }),
    query({
      operationId: "listMyMails",
      method: "GET",
      path: "/my/mails",
      policy: "account.own",
      summary: "My payslips and other mails to me, the newest first.",
      query: Type.Object({ kind: Type.Optional(OneOf(mailKinds)), ...pageParameters }),
      response: Page(OwnMail),
      async handle({ sql, actor }, { query: { kind, limit = 50, cursor } }) {
        const rows = await listMails(sql, { kind, userId: actor.userId, limit, after: readCursor(cursor) });
        return page(rows, limit, position, showOwn);
      },
    }),
    query({
      operationId: "getMyMail",
      method: "GET",
      path: "/my/mails/:mailId",
      policy: "account.own",
      summary: "One of my mails with its text and HTML.",
      params,
      response: OwnMailWithContent,
      async handle({ sql, actor }, { params: { mailId } }) {
        const mail = await findMailFor(sql, mailId, actor.userId);
        return { ...showOwn(mail), ...(await contentOf(sql, mail, settings)) };
      },
    }),
  ];
}
