/**
 * The hashes that chain the books together. All SHA-256, hex, over text that holds no database time and no id that
 * accounting made up itself: the same events give the same seals, whatever the batches and the schedule were.
 *
 * - *block head* of (period, source partition): `head' = sha256(head "\n" line)` for each posting, in order of position;
 *   the first `head` is `EMPTY_HEAD`.
 * - *statements hash* of a period: `sha256` of the statement lines in order of user id, joined by "\n".
 * - *seal* of a period: `sha256` of previous seal, label, block heads in order of partition (those of tasks, then those of
 *   corrections, named `correction/partition`), statements hash.
 */
import { hash } from "node:crypto";

/** What a chain begins with. */
export const EMPTY_HEAD = "0".repeat(64);

export type HashedPosting = {
  position: number;
  leg: number;
  kind: string;
  userId: string;
  amountMinor: number;
  taskId: string | null;
  /** Business time that the event carries, milliseconds since 1970. */
  occurredAtMs: number;
};

/** One posting as it is hashed. Debit and credit follow from kind and partition; `verify` checks that they do. */
export function postingLine(p: HashedPosting): string {
  return `${p.position}|${p.leg}|${p.kind}|${p.userId}|${p.amountMinor}|${p.taskId ?? ""}|${p.occurredAtMs}`;
}

/** The next link of a block head: the hash of the one before and the line. `position` order makes it one chain. */
export function foldHead(head: string, line: string): string {
  return sha256(`${head}\n${line}`);
}

export type HashedStatement = {
  userId: string;
  openingMinor: number;
  creditsMinor: number;
  debitsMinor: number;
  payoutMinor: number;
  closingMinor: number;
};

/** One statement as it is hashed; close-store.ts writes the same in SQL. */
export function statementLine(s: HashedStatement): string {
  return `${s.userId}|${s.openingMinor}|${s.creditsMinor}|${s.debitsMinor}|${s.payoutMinor}|${s.closingMinor}`;
}

/** `source`: absent for that of tasks. */
export type BlockHead = { source?: string; partition: number; head: string; lines: number };

const sourceOf = (block: BlockHead) => block.source ?? "tasks";

/** The seal of a period. `previous` is the seal before it, `EMPTY_HEAD` for period 1. Partitions without lines do not count; those of tasks come first, then accounting's own (`own-posting.ts`). */
export function sealOf(previous: string, label: string, heads: readonly BlockHead[], statementsHash: string): string {
  const blocks = heads
    .filter((block) => block.lines > 0)
    .toSorted((a, b) => (sourceOf(a) === sourceOf(b) ? a.partition - b.partition : sourceOf(a) < sourceOf(b) ? 1 : -1))
    .map(
      (block) =>
        `${sourceOf(block) === "tasks" ? "" : `${block.source}/`}${block.partition}|${block.lines}|${block.head}`,
    );
  return sha256([previous, label, ...blocks, statementsHash].join("\n"));
}

/** SHA-256 of a text's UTF-8, in lower-case hex. */
export function sha256(text: string): string {
  return hash("sha256", text);
}
