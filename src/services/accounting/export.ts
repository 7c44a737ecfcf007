/**
 * A closed period as JSON Lines, for auditors: each posting with the rolling hash behind it, the block heads, the
 * statements, the seal and the one before. `docs/audit/check-period.mjs` checks it with nothing of ours.
 */
import type { Sql } from "../../platform/service.ts";
import { entryIdOf } from "./entry.ts";
import { findClosing, listBlocks, listStatements, postingsInOrder } from "./export-store.ts";
import { popugSide } from "./ledger.ts";
import { EMPTY_HEAD, foldHead, postingLine } from "./seal.ts";

/** The lines of a closed period's export, in pages; undefined when the period is not closed. */
export async function exportPeriod(sql: Sql, number: number): Promise<AsyncGenerator<string> | undefined> {
  const closing = await findClosing(sql, number);
  if (closing === undefined) return undefined;
  return lines(sql, { line: "period", ...closing, closedAt: closing.closedAt.toISOString() }, number);
}

async function* lines(sql: Sql, period: object, number: number): AsyncGenerator<string> {
  yield text([period]);
  const heads = new Map<string, string>();
  for await (const page of postingsInOrder(sql, number)) {
    yield text(
      page.map(({ kind, occurredAt, ...row }) => {
        const shown = {
          ...{ line: "posting", entryId: entryIdOf({ ...row, period: number }), type: kind, side: popugSide[kind] },
          ...{ ...row, occurredAtMs: occurredAt.getTime() },
        };
        // Payouts follow from the statements, which the seal covers.
        if (kind === "payout") return shown;
        const key = `${row.source}/${row.partition}`;
        const line = postingLine({ ...row, kind, occurredAtMs: occurredAt.getTime() });
        const head = foldHead(heads.get(key) ?? EMPTY_HEAD, line);
        heads.set(key, head);
        return { ...shown, hash: head };
      }),
    );
  }
  // As they were sealed: postings that were tampered with later do not end in them.
  yield text((await listBlocks(sql, number)).map((block) => ({ line: "block", ...block })));
  for await (const page of listStatements(sql, number)) {
    yield text(page.map((statement) => ({ line: "statement", ...statement })));
  }
}

const text = (rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
