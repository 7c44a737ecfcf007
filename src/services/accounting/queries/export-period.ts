/** The books of a closed period to take away: JSON Lines with hashes, which an auditor checks without us. */
import { FileAnswer, fileOf } from "../../../platform/http/file.ts";
import { query, type Route } from "../../../platform/http/route.ts";
import { Refusal } from "../../../platform/refusal.ts";
import { findArchived } from "../archive-store.ts";
import { exportPeriod } from "../export.ts";
import { refuseArchived } from "./entries.ts";
import { periodNumber, requirePeriod } from "./periods.ts";

/** A larger answer would have to be held in memory; some 250 000 postings fit. */
const MAX_BYTES = 128 * 1024 * 1024;
const TYPE = "application/jsonl";

export const exportPeriodRoute: Route = query({
  operationId: "exportPeriod",
  method: "GET",
  path: "/periods/:number/export",
  policy: "accounts.all",
  summary: "All postings and statements of a closed period with their hashes and seal, as JSON Lines.",
  params: periodNumber,
  response: fileOf(TYPE),
  handle: async ({ sql }, { params: { number } }) => {
    const period = await requirePeriod(sql, number);
    refuseArchived(await findArchived(sql, number));
    const lines = await exportPeriod(sql, number);
    if (lines === undefined) {
      throw new Refusal("conflict", "period-not-closed", `Period ${number} (${period.label}) is not closed yet.`);
    }
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of lines) {
      parts.push(Buffer.from(part));
      bytes += part.length;
      if (bytes > MAX_BYTES) {
        throw new Refusal("too-large", "export-too-large", "This period is too large to be exported at once.");
      }
    }
    return new FileAnswer(`period-${number}.jsonl`, TYPE, Buffer.concat(parts));
  },
});
