/** What has to stand in the books because of corrections: each as it was agreed on, two postings or one. */
import type { Sql } from "../../../platform/service.ts";
import type { Archives } from "./archived.ts";
import { foldOwnLines, type OwnBlock, type OwnGround, type OwnLine } from "./own.ts";
import type { Shelf } from "./read.ts";

type Agreed = Pick<OwnLine, "partition" | "position" | "userId" | "at" | "eventId"> & {
  taskId: string | null;
  entryId: string;
  kind: "fee" | "reward";
  was: number;
  becomes: number;
  agreed: boolean;
  original: number | null;
};

/** Holds the postings of a period's corrections against them; returns their blocks, and adds to the movements. */
export async function foldCorrections(
  sql: Sql,
  shelf: Shelf,
  ground: OwnGround & { archives: Archives },
): Promise<OwnBlock[]> {
  const rows = await sql<Agreed>(
    `select c.position, c.partition, r.id as "eventId", r.user_id as "userId", r.task_id as "taskId", r.kind,
            r.was_minor as was, r.becomes_minor as becomes, c.posted_at as at, c.entry_id as "entryId",
            c.entry_id = r.entry_id and c.partition = r.partition and r.requested_by <> r.user_id
              and (not r.needs_second or c.approved_by is not null) and c.approved_by is distinct from r.requested_by
              and c.approved_by is distinct from r.user_id as agreed,
            (select p.amount_minor from posting p
              where p.user_id = r.user_id and p.kind = r.kind and p.period <= c.period
                and concat_ws('-', p.period, p.source, p.epoch, p.partition, p.position, p.leg) = r.entry_id) as original
       from correction c join correction_request r on r.id = c.request_id where c.period = $1 order by c.partition, c.position`,
    [shelf.number],
  );
  const lines = rows.flatMap((row) => {
    const original = row.original ?? ground.archives.amountOf(row.entryId);
    const wrong = [
      ...(row.agreed ? [] : ["was not agreed on by those who have to"]),
      ...(original === row.was ? [] : [`the entry that it corrects was ${original}, not ${row.was}`]),
    ];
    return linesOf(row, wrong.length > 0 ? wrong.join("; ") : undefined);
  });
  return await foldOwnLines(sql, shelf, "correction", lines, ground);
}

/** The old amount back, the right one anew. A fee is the popug's debit, a reward their credit; back is the other way round. */
function linesOf(row: Agreed, wrong: string | undefined): OwnLine[] {
  const { partition, position, userId, taskId, at, eventId } = row;
  const line = { partition, position, userId, taskId, at, eventId };
  const isFee = row.kind === "fee";
  const house = isFee ? "fee-income" : "reward-expense";
  const leg = (number: number, kind: string, amount: number, popugIs: "debit" | "credit"): OwnLine[] =>
    amount === 0 ? [] : [{ ...line, leg: number, kind, amount, house, popugIs }];
  const [back, anew] = isFee ? (["credit", "debit"] as const) : (["debit", "credit"] as const);
  const [first, ...others] = [...leg(0, `${row.kind}-reversal`, row.was, back), ...leg(1, row.kind, row.becomes, anew)];
  return first === undefined ? [] : [{ ...first, wrong }, ...others];
}
