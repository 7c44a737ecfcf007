/** What the routes answer. */
import { Type } from "typebox";
import { Nullable, OneOf, Timestamp, Uuid } from "../../platform/contract.ts";
import { mailKinds, mailStatuses } from "./mail.ts";
import type { MailRow } from "./mail-list-store.ts";

const summary = {
  mailId: Uuid,
  kind: OneOf(mailKinds),
  /** Null: it is about no period. */
  period: Nullable(Type.Integer()),
  status: OneOf(mailStatuses),
  /** As it was sent; null before. */
  subject: Nullable(Type.String()),
  createdAt: Timestamp,
  sentAt: Nullable(Timestamp),
};

const operators = {
  /** At most one mail of each key is ever queued. */
  key: Type.String(),
  userId: Uuid,
  name: Nullable(Type.String()),
  address: Nullable(Type.String()),
  attempts: Type.Integer(),
  /** Real time; null when it is not going to be tried by itself. */
  nextAttemptAt: Nullable(Timestamp),
  lastError: Nullable(Type.String()),
  /** `user:<id>` while the reader is not known yet. */
  waitsFor: Nullable(Type.String()),
};

const content = {
  /** Null while the reader is not known, or when it cannot be written; rendered anew from what is known now. */
  text: Nullable(Type.String()),
  html: Nullable(Type.String()),
  attachments: Type.Array(Type.Object({ filename: Type.String(), bytes: Type.Integer() })),
};

export const MailSummary = Type.Object({ ...summary, ...operators });
export const MailWithContent = Type.Object({ ...summary, ...operators, ...content });
export const OwnMail = Type.Object(summary);
export const OwnMailWithContent = Type.Object({ ...summary, ...content });
export const MailFile = Type.Object({ filename: Type.String(), eml: Type.String() });

/** What its reader sees of a mail. */
export function showOwn(mail: MailRow) {
  return {
    mailId: mail.mailId,
    kind: mail.kind,
    period: mail.period,
    status: mail.status,
    subject: mail.subject,
    createdAt: mail.createdAt.toISOString(),
    sentAt: mail.sentAt?.toISOString() ?? null,
  };
}

/** What operators see of it. */
export function showMail(mail: MailRow) {
  return {
    ...showOwn(mail),
    key: mail.key,
    userId: mail.userId,
    name: mail.name,
    address: mail.address,
    attempts: mail.attempts,
    nextAttemptAt: mail.status === "queued" && mail.name !== null ? mail.nextAttemptAt.toISOString() : null,
    lastError: mail.lastError,
    waitsFor: mail.status === "queued" && mail.name === null ? `user:${mail.userId}` : null,
  };
}
