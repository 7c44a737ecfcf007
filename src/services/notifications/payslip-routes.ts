/** Payslips over HTTP: one's own for everybody, anybody's and their mails for those who may see all accounts. */
import { Type } from "typebox";
import { findPerson } from "../../people/replica.ts";
import { allows, coveredBy } from "../../people/policy.ts";
import { Currency, Day, Minor, Nullable, OneOf, Timestamp, Uuid } from "../../platform/contract.ts";
import { FileAnswer, fileOf } from "../../platform/http/file.ts";
import { Page, page, pageParameters, readCursor } from "../../platform/http/paging.ts";
import { command, query, type Route } from "../../platform/http/route.ts";
import { Refusal } from "../../platform/refusal.ts";
import type { Actor, Sql } from "../../platform/service.ts";
import type { Settings } from "../../settings.ts";
import { mailStatement } from "./commands/mail-statement.ts";
import { mailStatuses } from "./mail.ts";
import { countPayslips, listPayslips, makeFailedPayslipsDue } from "./payslip-store.ts";
import type { Language } from "./rendering/format.ts";
import { payslipPdf } from "./rendering/payslip-pdf.ts";
import { findStatement, listAuditLines } from "./statement-store.ts";

const Payslip = Type.Object({
  period: Type.Integer(),
  label: Type.String(),
  businessDate: Day,
  openingMinor: Minor,
  creditsMinor: Minor,
  debitsMinor: Minor,
  payoutMinor: Minor,
  closingMinor: Minor,
  currency: Currency,
  /** Null: the mail is not queued yet, because not all of the period is here. */
  mailStatus: Nullable(OneOf(mailStatuses)),
  sentAt: Nullable(Timestamp),
});

const PayslipCounts = Type.Object({
  period: Type.Integer(),
  total: Type.Integer(),
  sent: Type.Integer(),
  failed: Type.Integer(),
});

const PeriodNumber = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });
/** A payslip is for people to read: what is longer is read in the app. */
const MAX_PDF_LINES = 2_000;

export function payslipRoutes(settings: Settings): Route[] {
  const pdf = async (sql: Sql, period: number, userId: string, asked: Language | undefined) => {
    const statement = await findStatement(sql, period, userId);
    if (statement === undefined) throw new Refusal("not-found", "no-such-payslip", "There is no such payslip.");
    const person = await findPerson(sql, userId);
    const { lines, total } = await listAuditLines(sql, period, userId, MAX_PDF_LINES);
    const name = person?.name ?? userId;
    const language = asked ?? person?.language ?? "en";
    const timeZone = statement.timeZone ?? settings.timeZone;
    const bytes = await payslipPdf({ name, period, statement, lines, total }, language, timeZone);
    return new FileAnswer(`payslip-${statement.label.replace("/", "-")}.pdf`, "application/pdf", bytes);
  };
  return [
    query({
      operationId: "listPayslips",
      method: "GET",
      path: "/payslips",
      policy: "account.own",
      summary: "Payslips, the newest first, and what became of their mails: one's own, or anybody's for accountants.",
      query: Type.Object({ userId: Type.Optional(Uuid), ...pageParameters }),
      response: Page(Payslip),
      handle: async ({ sql, actor }, { query: { userId = actor.userId, limit = 50, cursor } }) => {
        assertMaySee(actor, userId);
        const before = readCursor(cursor)?.[0];
        const rows = await listPayslips(sql, userId, before === undefined ? null : Number(before), limit + 1);
        return page(
          rows,
          limit,
          (row) => [row.period],
          (row) => ({ ...row, sentAt: row.sentAt?.toISOString() ?? null }),
        );
      },
    }),
    query({
      operationId: "getMyPayslipFile",
      method: "GET",
      path: "/my/payslips/:period.pdf",
      policy: "account.own",
      summary: "My payslip of a period as PDF.",
      params: Type.Object({ period: PeriodNumber }),
      query: Type.Object({ language: Type.Optional(OneOf(["en", "ru"])) }),
      response: fileOf("application/pdf"),
      handle: ({ sql, actor }, { params: { period }, query: { language } }) => pdf(sql, period, actor.userId, language),
    }),
    query({
      operationId: "getPayslipFile",
      method: "GET",
      path: "/payslips/:period/:userId.pdf",
      policy: "accounts.all",
      summary: "The payslip of a popug as PDF.",
      params: Type.Object({ period: PeriodNumber, userId: Uuid }),
      query: Type.Object({ language: Type.Optional(OneOf(["en", "ru"])) }),
      response: fileOf("application/pdf"),
      handle: ({ sql }, { params: { period, userId }, query: { language } }) => pdf(sql, period, userId, language),
    }),
    command({
      operationId: "mailStatement",
      command: "mail.statement",
      method: "POST",
      path: "/accounts/:userId/statement-mails",
      policy: "account.own",
      summary:
        "Mails me the account over a range of business days, as far as they are closed: my own, or anybody's for accountants.",
      params: Type.Object({ userId: Uuid }),
      body: Type.Object({ from: Day, to: Day }),
      response: Type.Object({ key: Type.String() }),
      status: 202,
      handle: (ctx, { params: { userId }, body }) => {
        assertMaySee(ctx.actor, userId);
        return mailStatement(ctx, { userId, ...body });
      },
    }),
    query({
      operationId: "countPayslips",
      method: "GET",
      path: "/payslips/counts",
      policy: "accounts.all",
      summary: "How many payslips the periods from … to have, and how many of them are out or have failed.",
      query: Type.Object({ from: PeriodNumber, to: PeriodNumber }),
      response: Type.Object({ items: Type.Array(PayslipCounts) }),
      handle: async ({ sql }, { query: { from, to } }) => ({ items: await countPayslips(sql, from, to) }),
    }),
    command({
      operationId: "retryPayslips",
      command: "mail.retry",
      method: "POST",
      path: "/payslips/:period/retry",
      policy: "accounts.all",
      summary: "Send the failed payslips of a period again.",
      params: Type.Object({ period: PeriodNumber }),
      response: Type.Object({ count: Type.Integer() }),
      handle: async ({ sql }, { params: { period } }) => ({ count: await makeFailedPayslipsDue(sql, period) }),
    }),
  ];
}

function assertMaySee(actor: Actor, userId: string): void {
  const all =
    allows("accounts.all", actor.roles) && (actor.scopes === undefined || coveredBy("accounts.all", actor.scopes));
  if (userId !== actor.userId && !all) {
    throw new Refusal("forbidden", "not-your-account", "You can see only your own account.");
  }
}
