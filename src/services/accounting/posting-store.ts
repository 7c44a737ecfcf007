/** Reading postings in the order in which they are hashed, a page at a time. */
import type { Sql } from "../../platform/service.ts";
import { EMPTY_HEAD, foldHead, type HashedPosting, postingLine } from "./seal.ts";

const PAGE = 5_000;

/** The second of an instant, in SQL: the newest postings are looked for by it. */
export const secondOf = (instant: string) => `date_bin('1 second', ${instant}, 'epoch')`;

/** Said in words, so that the small index of these is taken whatever the parameter. */
const OWN = " and source not in ('tasks', 'accounting')";

export type Fold = { head: string; lines: number };

/** The rolling hashes over the postings of a source in one period, by partition, each in the order of positions. */
export async function foldPostings(sql: Sql, period: number, source = "tasks"): Promise<Map<number, Fold>> {
  const folds = new Map<number, Fold>();
  let after: [epoch: number, position: number, partition: number, leg: number] = [0, 0, 0, -1];
  for (;;) {
    const rows = await sql<
      Omit<HashedPosting, "occurredAtMs"> & { epoch: number; partition: number; occurredAt: Date }
    >(
      `select epoch, position, partition, leg, kind, user_id as "userId", amount_minor as "amountMinor", task_id as "taskId",
              occurred_at as "occurredAt"
         from posting
        where period = $1 and source = $2${source === "tasks" ? "" : OWN}
          and (epoch, position, partition, leg) > ($3::int, $4::bigint, $5::smallint, $6::smallint)
        order by epoch, position, partition, leg limit ${PAGE}`,
      [period, source, ...after],
    );
    for (const { occurredAt, partition, ...row } of rows) {
      const { head, lines } = folds.get(partition) ?? { head: EMPTY_HEAD, lines: 0 };
      const line = postingLine({ ...row, occurredAtMs: occurredAt.getTime() });
      folds.set(partition, { head: foldHead(head, line), lines: lines + 1 });
      after = [row.epoch, row.position, partition, row.leg];
    }
    if (rows.length < PAGE) return folds;
  }
}
