/**
 * Sends queued mails. A claim is a short transaction, which also withholds what its reader does not want at this moment;
 * sending happens outside of any; the outcome is written mail by mail.
 * A mail is sent at least once and, but for a crash between sending and the note of it, exactly once; the repeat after
 * such a crash carries the same Message-ID (over SMTP) or replaces the same file (in the mailbox folder).
 */
import { createHash } from "node:crypto";
import type { Job, JobTools, Sql } from "../../../platform/service.ts";
import type { Settings } from "../../../settings.ts";
import { UnsendableMail } from "../../../platform/mail/address.ts";
import { writeMails } from "../assigned-task-store.ts";
import { MAX_ATTEMPTS, retryDelayMs } from "../mail.ts";
import { isWanted } from "../mail-choice.ts";
import {
  type ClaimedMail,
  claimMails,
  giveBack,
  markAttemptFailed,
  markSent,
  releaseAbandoned,
  withhold,
} from "../mail-store.ts";
import { renderMail } from "../rendering/render.ts";
import { compose, openTransport, type Transport } from "../../../platform/mail/transport.ts";

const BATCH = 64;
const LANES = 4;
/** After this time a batch begins no further mail, so that a slow server holds up neither the end of the process … */
const BATCH_MS = 4_000;
/** … nor outlasts the claim, which others respect for this long. */
export const CLAIM_MS = 180_000;

export function sendMailsJob(settings: Settings): Job {
  return {
    name: "send-mails",
    everyMs: 1_000,
    async run(tools) {
      const { count, wanted } = await tools.transact("mail.send", "system:mail", ({ sql }) => takeMails(sql));
      if (wanted.length === 0) return count;
      const transport = openTransport(settings);
      try {
        await sendAll(tools, wanted, transport, settings);
      } finally {
        transport.close();
      }
      return count;
    },
  };
}

/** Claims what is due; `wanted` is to go out now, as it stands in `data`. */
async function takeMails(sql: Sql): Promise<{ count: number; wanted: ClaimedMail[] }> {
  await releaseAbandoned(sql, CLAIM_MS);
  const claimed = await claimMails(sql, BATCH);
  const isGoing = (mail: ClaimedMail) => isWanted(mail.kind, mail.chosen, mail);
  await withhold(
    sql,
    claimed.filter((mail) => !isGoing(mail)),
  );
  const gathers = (mail: ClaimedMail) => mail.kind === "assignments";
  const written = await writeMails(sql, claimed.filter(isGoing).filter(gathers));
  const wanted = claimed.filter(isGoing).flatMap((mail) => {
    if (!gathers(mail)) return [mail];
    const data = written.get(mail.mailId);
    return data === undefined ? [] : [{ ...mail, data }];
  });
  return { count: claimed.length, wanted };
}

async function sendAll(
  tools: JobTools,
  claimed: readonly ClaimedMail[],
  transport: Transport,
  settings: Settings,
): Promise<void> {
  const untried = [...claimed];
  const lastStart = performance.now() + BATCH_MS;
  const lane = async () => {
    while (performance.now() < lastStart) {
      const mail = untried.shift();
      if (mail === undefined) return;
      await sendOne(tools, mail, transport, settings);
    }
  };
  // Each lane ends by itself before an error of another one (the database is gone, say) is passed on.
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane));
  await tools.transact("mail.send", "system:mail", ({ sql }) => giveBack(sql, untried));
  const broken = lanes.find((result) => result.status === "rejected");
  if (broken !== undefined) throw broken.reason;
}

async function sendOne(tools: JobTools, mail: ClaimedMail, transport: Transport, settings: Settings): Promise<void> {
  const span = tools.follow(`mail ${mail.kind}`, mail.traceparent, { "popug.attempt": mail.attempt });
  let subject: string;
  let contentSha256: string;
  try {
    const rendered = await renderMail(tools.sql, mail, settings);
    subject = rendered.subject;
    const message = await compose(mail, rendered, settings.mailFrom);
    contentSha256 = createHash("sha256").update(message.raw).digest("hex");
    await transport.send(message);
    span?.end();
  } catch (error) {
    span?.end(error);
    const hopeless = mail.attempt >= MAX_ATTEMPTS || isPermanent(error);
    const retryInMs = hopeless ? null : retryDelayMs(mail.attempt, Math.random());
    await tools.transact("mail.send", "system:mail", ({ sql }) =>
      markAttemptFailed(sql, mail, clearly(error), retryInMs),
    );
    return;
  }
  await tools.transact("mail.send", "system:mail", ({ sql, now }) =>
    markSent(sql, mail, { subject, address: mail.address, now, contentSha256 }),
  );
}

/** The mail itself is refused, and would be the next time: an address that is none, or an SMTP answer of 5xx to it. */
function isPermanent(error: unknown): boolean {
  if (error instanceof UnsendableMail) return true;
  if (!(error instanceof Error) || !("code" in error) || !("responseCode" in error)) return false;
  return (error.code === "EENVELOPE" || error.code === "EMESSAGE") && Number(error.responseCode) >= 500;
}

const explanations: Record<string, string> = {
  ENOSPC: "The disk of the mailbox folder is full",
  EDQUOT: "The quota of the mailbox folder is used up",
  EACCES: "The mailbox folder may not be written",
  EPERM: "The mailbox folder may not be written",
  EROFS: "The mailbox folder is on a read-only disk",
  ENOTDIR: "A part of the mailbox folder's path is a file",
  EEXIST: "A file stands where the mailbox folder should be",
  ECONNECTION: "The mail server cannot be reached",
  ESOCKET: "The mail server cannot be reached",
  ECONNREFUSED: "The mail server cannot be reached",
  EDNS: "The mail server's name is not known",
  ETIMEDOUT: "The mail server did not answer in time",
  EAUTH: "The mail server refuses the sign-in",
  EENVELOPE: "The mail server refuses sender or reader",
};

/** What an operator reads: what it means, and the message behind it. */
function clearly(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, 500);
  const meaning = "code" in error && typeof error.code === "string" ? explanations[error.code] : undefined;
  return (meaning === undefined ? error.message : `${meaning}: ${error.message}`).slice(0, 500);
}
