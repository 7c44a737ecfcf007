/** SQL of write-offs. */
import type { Sql } from "../../platform/service.ts";
import { postOwn } from "./own-posting-store.ts";
import { DEBT_SOURCE, type WriteOffRequest, writeOffLegs } from "./write-off.ts";

/** A write-off as it was asked for, and as it was posted. */
export type WriteOffRow = WriteOffRequest & {
  /** Of the debtor's account. */
  partition: number;
  /** Null: waits for a second person. */
  period: number | null;
  position: number | null;
  approvedBy: string | null;
  /** As far as they are known here. */
  userName: string | null;
  requestedByName: string | null;
  approvedByName: string | null;
  postedAt: Date | null;
};

const SELECT = `
  select r.id, r.user_id as "userId", r.amount_minor as "amountMinor", r.reason, r.requested_by as "requestedBy",
         r.requested_at as "requestedAt", a.partition, w.period, w.position, w.approved_by as "approvedBy", w.posted_at as "postedAt",
         debtor.name as "userName", asked.name as "requestedByName", agreed.name as "approvedByName"
    from write_off_request r
    join account a on a.user_id = r.user_id
    left join write_off w on w.request_id = r.id
    left join person debtor on debtor.user_id = r.user_id
    left join person asked on asked.user_id = r.requested_by
    left join person agreed on agreed.user_id = w.approved_by`;

/** Newest first, from behind the id `before`; of one debtor if given; only those that wait if wanted. */
export async function listWriteOffs(
  sql: Sql,
  which: { userId?: string | undefined; waiting: boolean; before: string | null },
  limit: number,
): Promise<WriteOffRow[]> {
  return await sql<WriteOffRow>(
    `${SELECT}
      where ($1::uuid is null or r.user_id = $1) and ($2::uuid is null or r.id < $2)
        and (not $4::boolean or w.period is null)
      order by r.id desc limit $3`,
    [which.userId ?? null, which.before, limit, which.waiting],
  );
}

/** A write-off with what became of it; undefined when there is none of this id. */
export async function findWriteOff(sql: Sql, id: string): Promise<WriteOffRow | undefined> {
  return (await sql<WriteOffRow>(`${SELECT} where r.id = $1`, [id]))[0];
}

/** Writes down what somebody wants to give up. */
export async function saveWriteOffRequest(sql: Sql, r: WriteOffRequest): Promise<void> {
  await sql(
    `insert into write_off_request (id, user_id, amount_minor, reason, requested_by, requested_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [r.id, r.userId, r.amountMinor, r.reason, r.requestedBy, r.requestedAt],
  );
}

/** Posts it into a period that is held open; returns its number there. */
export async function postWriteOff(
  sql: Sql,
  row: WriteOffRow,
  posted: { period: number; by: string; at: Date },
): Promise<number> {
  const { period, by, at } = posted;
  const rows = await sql<{ position: number }>(
    `insert into write_off (request_id, period, partition, position, approved_by, posted_at)
     select $1, $2, $3, coalesce(max(position), 0) + 1, $4, $5 from write_off where period = $2 returning position`,
    [row.id, period, row.partition, by, at],
  );
  const { position } = rows[0] as { position: number };
  await postOwn(sql, {
    ...{ source: DEBT_SOURCE, period, partition: row.partition, position },
    ...{ userId: row.userId, taskId: null, at, eventId: row.id, legs: writeOffLegs(row.amountMinor) },
  });
  return position;
}
