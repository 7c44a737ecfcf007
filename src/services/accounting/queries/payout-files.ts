/** Files of payouts for the bank: which there are, and each as pain.001 and as CSV. Looking at one changes nothing. */
import { Type } from "typebox";
import { Currency, Minor, Nullable, Timestamp, Uuid } from "../../../platform/contract.ts";
import { FileAnswer, fileOf } from "../../../platform/http/file.ts";
import { query, type Route } from "../../../platform/http/route.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import { type FileContent, paymentsCsv, toPain001 } from "../payout-file.ts";
import { findFile, listSentFiles, nextFile, type PayoutFile } from "../payout-file-store.ts";
import { periodNumber, requirePeriod } from "./periods.ts";

/** A period's file, by the message id that the bank sees. */
export const fileName = Type.Object({ ...periodNumber.properties, messageId: Type.String({ maxLength: 35 }) });

/** The file of that message id. @throws Refusal `payout-file-not-found` */
export async function requireFile(sql: Sql, period: number, messageId: string): Promise<PayoutFile> {
  const file = await findFile(sql, period, messageId);
  if (file !== undefined) return file;
  const text = "There is no such file, or its payouts have been moved since it was made: look at the list.";
  throw new Refusal("not-found", "payout-file-not-found", text);
}

async function contentOf(sql: Sql, period: number, messageId: string): Promise<FileContent> {
  const { label, currency, closedAt } = await requirePeriod(sql, period);
  const { payments } = await requireFile(sql, period, messageId);
  const known = payments.map((payment) => {
    const { iban, holder } = payment;
    if (iban === null || holder === null) {
      throw new Refusal("conflict", "pay-details-forgotten", "Somebody in this file was erased since it was sent.");
    }
    return { ...payment, iban, holder };
  });
  if (closedAt === null) throw new Error(`period ${period} has payouts, but was never closed`);
  return { messageId, period: { label, currency, closedAt }, payments: known };
}

/** What accountants ask about files for the bank. */
export const payoutFileQueries = (settings: Settings): Route[] => [
  query({
    operationId: "listPayoutFiles",
    method: "GET",
    path: "/periods/:number/payout-files",
    policy: "payouts",
    summary: "The file that can be made now, if there is anything to pay, and those that were sent.",
    params: periodNumber,
    response: Type.Object({
      items: Type.Array(
        Type.Object({
          messageId: Type.String(),
          count: Type.Integer(),
          amountMinor: Minor,
          currency: Currency,
          /** Null: not sent yet. */
          sentAt: Nullable(Timestamp),
          sentBy: Nullable(Uuid),
        }),
      ),
    }),
    handle: async ({ sql }, { params: { number } }) => {
      const { currency } = await requirePeriod(sql, number);
      const { messageId, payments } = await nextFile(sql, number);
      const amountMinor = payments.reduce((sum, payment) => sum + payment.amountMinor, 0);
      const next = { messageId, count: payments.length, amountMinor, currency, sentAt: null, sentBy: null };
      const sent = await listSentFiles(sql, number);
      const shown = sent.map((file) => ({ ...file, currency, sentAt: file.sentAt.toISOString() }));
      return { items: [...(payments.length > 0 ? [next] : []), ...shown] };
    },
  }),
  query({
    operationId: "exportPain001",
    method: "GET",
    path: "/periods/:number/payout-files/:messageId.xml",
    policy: "payouts.file",
    summary: "A file of payouts for the bank, as ISO 20022 pain.001.001.09.",
    params: fileName,
    response: fileOf("application/xml"),
    handle: async ({ sql }, { params: { number, messageId } }) => {
      if (settings.payer === null) {
        const text = "Set POPUG_PAYER_NAME and POPUG_PAYER_IBAN: the file has to name the account that pays.";
        throw new Refusal("conflict", "payer-not-set", text);
      }
      const { timeZone } = (await requirePeriod(sql, number)).settings ?? settings;
      const xml = toPain001(await contentOf(sql, number, messageId), settings.payer, timeZone);
      return new FileAnswer(`${messageId}.xml`, "application/xml", Buffer.from(xml));
    },
  }),
  query({
    operationId: "exportPayoutsCsv",
    method: "GET",
    path: "/periods/:number/payout-files/:messageId.csv",
    policy: "payouts.file",
    summary: "The same file as CSV.",
    params: fileName,
    response: fileOf("text/csv"),
    handle: async ({ sql }, { params: { number, messageId } }) => {
      const csv = paymentsCsv(await contentOf(sql, number, messageId));
      return new FileAnswer(`${messageId}.csv`, "text/csv", Buffer.from(csv));
    },
  }),
];
