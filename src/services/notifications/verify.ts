/**
 * The part of `popug verify` about mails. What mails of closed periods are made of is held against what accounting said, line
 * by line; what went out against the chain of hashes that was written as it went; and files of the mailbox against that.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { castData, type EventContract } from "../../platform/contract.ts";
import { PARTITIONS } from "../../platform/event.ts";
import { mailFileName } from "../../platform/mail/address.ts";
import type { Sql } from "../../platform/service.ts";
import { onEntryPosted } from "./consumers/on-entry-posted.ts";
import { onStatementIssued } from "./consumers/on-statement-issued.ts";
import { type SentMail, sentMails } from "./sent-mail-store.ts";
import {
  countKept,
  differentLines,
  differentStatements,
  differentAnnouncement,
  oddMails,
  type SaidEvent,
  saidEvents,
  shortenedUpTo,
} from "./verify-store.ts";

/** More of them are counted, not listed. */
const MAX_FINDINGS = 200;

/**
 * Findings about mails, as sentences. `sql` has the owner's rights, and sees one moment.
 * @param said reads accounting's log, at least as far as notifications had read it
 * @param mailbox the folder of mails that went out as files; null where they went to a server
 */
export async function verifyMails(
  sql: Sql,
  said: Sql,
  contracts: readonly EventContract[],
  mailbox: string | null,
): Promise<string[]> {
  const findings: string[] = [];
  let count = 0;
  const find = (text: string) => {
    count += 1;
    if (findings.length < MAX_FINDINGS) findings.push(text);
  };
  await verifyWhatMailsAreMadeOf(sql, said, contracts, find);
  for (const text of await oddMails(sql)) find(text);
  await verifySent(sql, mailbox, find);
  if (count > findings.length) findings.push(`… and ${count - findings.length} more about mails`);
  return findings;
}

/** What {@link verifyMails} could not hold against what accounting said, because its log was shortened; sentences. */
export async function unsaidMails(said: Sql): Promise<string[]> {
  const period = await shortenedUpTo(said);
  return period === 0
    ? []
    : [`mails up to period ${period} against all that accounting said, only against what is kept`];
}

async function verifyWhatMailsAreMadeOf(
  sql: Sql,
  said: Sql,
  contracts: readonly EventContract[],
  find: (text: string) => void,
) {
  const sums = new Map<number, { lines: number; statements: number }>();
  const sumOf = (period: number) => {
    const sum = sums.get(period) ?? { lines: 0, statements: 0 };
    sums.set(period, sum);
    return sum;
  };
  const wanted = [...onEntryPosted.events, ...onStatementIssued.events];
  const asRead = ({ type, version, data }: SaidEvent): Record<string, unknown> => {
    const written = contracts.find((contract) => contract.type === type && contract.version === version);
    const reading = wanted.find((contract) => contract.type === type);
    if (written === undefined || reading === undefined) throw new Error(`nobody knows ${type} v${version}`);
    return castData(written, reading, data) as Record<string, unknown>;
  };
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const events of saidEvents(sql, said, partition)) {
      const statements: object[] = [];
      const lines: object[] = [];
      for (const event of events) {
        const data = asRead(event);
        if (event.type === "billing.closed") {
          if (await differentAnnouncement(sql, data))
            find(`mails of period ${Number(data["period"])}: its totals were changed`);
          continue;
        }
        const sum = sumOf(Number(data["period"]));
        if (event.type === "statement.issued") {
          sum.statements += 1;
          statements.push(data);
          continue;
        }
        const entries = data["entries"] as object[];
        sum.lines += entries.length;
        lines.push(...entries.map((entry) => ({ ...entry, period: data["period"] })));
      }
      for (const { period, entryId } of await differentLines(sql, lines)) {
        find(`mails of period ${period}: the line of entry ${entryId} is not what accounting said`);
      }
      for (const { period, userId } of await differentStatements(sql, statements)) {
        find(`mails of period ${period}: the statement of ${userId} is not what accounting said`);
      }
    }
  }
  for (const { period, lines, statements } of await countKept(sql, await shortenedUpTo(said))) {
    const sum = sums.get(period) ?? { lines: 0, statements: 0 };
    if (lines !== sum.lines) find(`mails of period ${period}: ${lines} lines are kept, accounting said ${sum.lines}`);
    if (statements !== sum.statements)
      find(`mails of period ${period}: ${statements} statements are kept, accounting said ${sum.statements}`);
  }
}

async function verifySent(sql: Sql, mailbox: string | null, find: (text: string) => void): Promise<void> {
  let before = "0".repeat(64);
  let number = 0;
  for await (const sent of sentMails(sql)) {
    number += 1;
    const where = `mail ${sent.key} (number ${sent.number})`;
    if (sent.number !== number) find(`${where}: the number before it is missing`);
    const chain = sha256([before, sent.number, sent.key, sent.told, sent.content].join("|"));
    if (chain !== sent.chain) find(`${where}: the chain of what went out was changed here`);
    if (sent.newest) await verifyNewest(sent, where, mailbox, find);
    // On with what stands there: one changed line is one finding, and not all that follow.
    number = sent.number;
    before = sent.chain;
  }
}

/** What the mail says now, and its file if there is one, against what went out last. */
async function verifyNewest(sent: SentMail, where: string, mailbox: string | null, find: (text: string) => void) {
  if (sent.toldNow === null) find(`${where}: it went out, and is not there any more`);
  else if (sent.toldNow !== sent.told) find(`${where}: it was changed after it went out`);
  if (mailbox === null) return;
  // One that somebody took out of the folder says nothing; one that is there has to be what went out.
  const file = await readFile(join(mailbox, mailFileName(sent.key))).catch(() => undefined);
  if (file !== undefined && sha256(file) !== sent.content) find(`${where}: its file is not what went out`);
}

const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");
