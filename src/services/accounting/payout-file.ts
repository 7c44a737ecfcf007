/** Payout files as banks and people read them: ISO 20022 pain.001.001.09, and CSV. The same payments make the same bytes. Pure. */
import { Temporal } from "temporal-polyfill";
import { toCsv } from "../../platform/csv.ts";
import type { Settings } from "../../settings.ts";
import { decimalAmount } from "./money.ts";
import { type FileLine, payoutEntryId } from "./payout.ts";

/** A file with everything that stands in it. */
export type FileContent = {
  messageId: string;
  period: { label: string; currency: string; closedAt: Date };
  payments: readonly (FileLine & { iban: string; holder: string })[];
};

const remittance = (label: string) => `Popug payout ${label}`;

/**
 * The customer credit transfer initiation of a file. Dates are those of the close, in the company's zone: a bank takes a day
 * that has passed as "at once", and the file stays the same whenever it is made.
 */
export function toPain001(file: FileContent, payer: NonNullable<Settings["payer"]>, timeZone: string): string {
  const { currency, closedAt, label } = file.period;
  const sums = [
    ["NbOfTxs", String(file.payments.length)],
    [
      "CtrlSum",
      decimalAmount(
        file.payments.reduce((sum, it) => sum + it.amountMinor, 0),
        currency,
      ),
    ],
  ] as const;
  const day = Temporal.Instant.fromEpochMilliseconds(closedAt.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
  const isSepa = currency === "EUR";
  const agent = payer.bic === null ? tag("Othr", tag("Id", "NOTPROVIDED")) : tag("BICFI", payer.bic);
  const head = [
    tag("PmtInfId", file.messageId),
    tag("PmtMtd", "TRF"),
    ...sums.map(([name, value]) => tag(name, value)),
    tag("PmtTpInf", (isSepa ? tag("SvcLvl", tag("Cd", "SEPA")) : "") + tag("CtgyPurp", tag("Cd", "SALA"))),
    tag("ReqdExctnDt", tag("Dt", day.toString())),
    tag("Dbtr", tag("Nm", escaped(payer.name))),
    tag("DbtrAcct", tag("Id", tag("IBAN", payer.iban))),
    tag("DbtrAgt", tag("FinInstnId", agent)),
    tag("ChrgBr", isSepa ? "SLEV" : "SHAR"),
  ];
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">',
    "<CstmrCdtTrfInitn>",
    "<GrpHdr>",
    tag("MsgId", file.messageId),
    tag("CreDtTm", closedAt.toISOString()),
    ...sums.map(([name, value]) => tag(name, value)),
    tag("InitgPty", tag("Nm", escaped(payer.name))),
    "</GrpHdr>",
    "<PmtInf>",
    ...head,
    ...file.payments.map((payment) =>
      tag(
        "CdtTrfTxInf",
        tag("PmtId", tag("EndToEndId", payoutEntryId(payment))) +
          tag("Amt", `<InstdAmt Ccy="${currency}">${decimalAmount(payment.amountMinor, currency)}</InstdAmt>`) +
          tag("Cdtr", tag("Nm", escaped(payment.holder))) +
          tag("CdtrAcct", tag("Id", tag("IBAN", payment.iban))) +
          tag("RmtInf", tag("Ustrd", remittance(label))),
      ),
    ),
    "</PmtInf>",
    "</CstmrCdtTrfInitn>",
    "</Document>",
  ];
  return `${lines.join("\n")}\n`;
}

const tag = (name: string, content: string) => `<${name}>${content}</${name}>`;

function escaped(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  return text.replaceAll(/[&<>]/g, (character) => entities[character] ?? character);
}

/** One line per payment; amounts in whole units with a point. */
export function paymentsCsv(file: FileContent): string {
  const { currency, label } = file.period;
  const rows = file.payments.map((payment) => [
    ...[file.messageId, payoutEntryId(payment), payment.holder, payment.iban],
    ...[{ number: decimalAmount(payment.amountMinor, currency) }, currency, remittance(label)],
  ]);
  const columns = ["message id", "end-to-end id", "account holder", "iban", "amount", "currency", "text"];
  return toCsv([columns, ...rows]);
}
