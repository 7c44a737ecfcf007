/** Balances that were brought in from other books: each popug's once, one posting. */
import type { Sql } from "../../../platform/service.ts";
import { foldOwnLines, type OwnBlock, type OwnGround, type OwnLine } from "./own.ts";
import type { Shelf } from "./read.ts";

type Opening = Pick<OwnLine, "partition" | "position" | "amount" | "userId" | "at" | "eventId"> & { own: boolean };

/** Holds the postings of a period's opening balances against them; returns their blocks, and adds to the movements. */
export async function foldOpenings(sql: Sql, shelf: Shelf, ground: OwnGround): Promise<OwnBlock[]> {
  const rows = await sql<Opening>(
    `select id as "eventId", user_id as "userId", amount_minor as amount, partition, position, imported_at as at,
            imported_by = user_id as own
       from opening_balance where period = $1 order by partition, position`,
    [shelf.number],
  );
  const lines = rows.map(
    ({ own, ...row }): OwnLine => ({
      ...row,
      ...{ amount: Math.abs(row.amount), house: "opening-balance" },
      ...(row.amount > 0 ? { kind: "opening", popugIs: "credit" } : { kind: "opening-debt", popugIs: "debit" }),
      wrong: own ? "was brought in by its owner" : undefined,
    }),
  );
  return await foldOwnLines(sql, shelf, "opening", lines, ground);
}
