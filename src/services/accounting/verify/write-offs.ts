/** Debts that were given up: each as two people agreed on it, one posting. */
import type { Sql } from "../../../platform/service.ts";
import { foldOwnLines, type OwnBlock, type OwnGround, type OwnLine } from "./own.ts";
import type { Shelf } from "./read.ts";

type GivenUp = Pick<OwnLine, "partition" | "position" | "amount" | "userId" | "at" | "eventId"> & { agreed: boolean };

/** Holds the postings of a period's write-offs against them; returns their blocks, and adds to the movements. */
export async function foldWriteOffs(sql: Sql, shelf: Shelf, ground: OwnGround): Promise<OwnBlock[]> {
  const rows = await sql<GivenUp>(
    `select r.id as "eventId", r.user_id as "userId", r.amount_minor as amount, w.partition, w.position, w.posted_at as at,
            r.requested_by <> r.user_id and w.approved_by <> r.requested_by and w.approved_by <> r.user_id as agreed
       from write_off w join write_off_request r on r.id = w.request_id where w.period = $1 order by w.partition, w.position`,
    [shelf.number],
  );
  const lines = rows.map(
    ({ agreed, ...row }): OwnLine => ({
      ...{ ...row, kind: "write-off", house: "write-off", popugIs: "credit" },
      wrong: agreed ? undefined : "was not agreed on by two others",
    }),
  );
  return await foldOwnLines(sql, shelf, "debt", lines, ground);
}
