/** Reading postings in the order in which they are hashed, a page at a time. */
import type { Sql } from "../../platform/service.ts";
import { EMPTY_HEAD, foldHead, type HashedPosting, postingLine } from "./seal.ts";

const PAGE = 5_000;

/** The rolling hash over the postings of one source partition in one period, in the order of positions. */
export async function foldPostings(
  sql: Sql,
  period: number,
  partition: number,
  source = "tasks",
): Promise<{ head: string; lines: number }> {
  let head = EMPTY_HEAD;
  let lines = 0;
  let after: [epoch: number, position: number, leg: number] = [0, 0, -1];
  for (;;) {
    const rows = await sql<Omit<HashedPosting, "occurredAtMs"> & { epoch: number; occurredAt: Date }>(
      `select epoch, position, leg, kind, user_id as "userId", amount_minor as "amountMinor", task_id as "taskId",
              occurred_at as "occurredAt"
         from posting
        where period = $1 and source = $6 and partition = $2 and (epoch, position, leg) > ($3::int, $4::bigint, $5::smallint)
        order by epoch, position, leg limit ${PAGE}`,
      [period, partition, ...after, source],
    );
    for (const { occurredAt, ...row } of rows) {
      head = foldHead(head, postingLine({ ...row, occurredAtMs: occurredAt.getTime() }));
      lines += 1;
      after = [row.epoch, row.position, row.leg];
    }
    if (rows.length < PAGE) return { head, lines };
  }
}
