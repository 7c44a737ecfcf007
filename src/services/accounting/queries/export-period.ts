/** The books of closed periods to take away: JSON Lines with hashes, which an auditor checks without us. */
import { Type } from "typebox";
import { Day } from "../../../platform/contract.ts";
import { FileAnswer, fileOf } from "../../../platform/http/file.ts";
import { realDay } from "../../../platform/day.ts";
import { query, type Route } from "../../../platform/http/route.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { Sql } from "../../../platform/service.ts";
import { findArchived } from "../archive-store.ts";
import { exportPeriod } from "../export.ts";
import { periodsOf } from "../period-store.ts";
import { refuseArchived } from "./entries.ts";
import { periodNumber, requirePeriod } from "./periods.ts";

/** A larger answer would have to be held in memory; some 250 000 postings fit. */
const MAX_BYTES = 128 * 1024 * 1024;
const TYPE = "application/jsonl";

/** One or more closed periods, one behind the other. */
async function exported(sql: Sql, numbers: readonly number[], name: string): Promise<FileAnswer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for (const number of numbers) {
    const period = await requirePeriod(sql, number);
    refuseArchived(await findArchived(sql, number));
    const lines = await exportPeriod(sql, number);
    if (lines === undefined) {
      throw new Refusal("conflict", "period-not-closed", `Period ${number} (${period.label}) is not closed yet.`);
    }
    for await (const part of lines) {
      parts.push(Buffer.from(part));
      bytes += part.length;
      if (bytes > MAX_BYTES) {
        throw new Refusal("too-large", "export-too-large", "This period is too large to be exported at once.");
      }
    }
  }
  return new FileAnswer(`${name}.jsonl`, TYPE, Buffer.concat(parts));
}

export const exportRoutes: Route[] = [
  query({
    operationId: "exportPeriod",
    method: "GET",
    path: "/periods/:number/export",
    policy: "accounts.all",
    summary: "All postings and statements of a closed period with their hashes and seal, as JSON Lines.",
    params: periodNumber,
    response: fileOf(TYPE),
    handle: ({ sql }, { params: { number } }) => exported(sql, [number], `period-${number}`),
  }),
  query({
    operationId: "exportDay",
    method: "GET",
    path: "/days/:day/export",
    policy: "accounts.all",
    summary:
      "The audit log of a day with hashes, as JSON Lines: its periods as exportPeriod has them, one behind the other.",
    params: Type.Object({ day: Day }),
    response: fileOf(TYPE),
    handle: async ({ sql }, { params: { day } }) => {
      const { first, last } = await periodsOf(sql, realDay(day));
      if (last < first) throw new Refusal("not-found", "day-not-found", `There are no books of ${day}.`);
      const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
      return await exported(sql, numbers, `audit-${day}`);
    },
  }),
];
