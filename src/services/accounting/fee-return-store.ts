/** SQL of fees that come back because their task was cancelled: which entry each return takes back. */
import type { Sql } from "../../platform/service.ts";
import { listArchives } from "./archive-store.ts";
import type { BookedPosting } from "./booking.ts";
import { CORRECTION_SOURCE } from "./correction.ts";
import type { BookedFee } from "./ledger.ts";
import { lockOwnPostings } from "./own-posting-store.ts";
import { secondOf } from "./posting-store.ts";

/** An assignment that ended because its task was cancelled; `entryId` when its fee is booked in the same batch. */
export type EndedAssignment = { taskId: string; userId: string; period: number; at: string; entryId: string | null };

/**
 * The fees of assignments as the books hold them now, by task: one that was corrected is the corrected one (none when that is
 * nothing). Neither a fee that was never booked is among them, nor one of the same batch, unless it is corrected already: a
 * replay knows corrections beforehand. They stay what they are until the end of the transaction.
 * @throws Error when a fee may stand in an archived period: it would look as if it was never booked
 */
export async function feesToReturn(sql: Sql, ended: readonly EndedAssignment[]): Promise<Map<string, BookedFee>> {
  if (ended.length === 0) return new Map();
  await lockOwnPostings(sql);
  await assertHere(sql, ended);
  const rows = await sql<BookedFee & { taskId: string }>(
    `with recursive ended as (
       select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::timestamptz[], $5::text[])
           as e (task_id, user_id, period, at, entry_id)
     ), fee (task_id, entry_id, amount_minor) as (
       select p.task_id, concat_ws('-', p.period, p.source, p.epoch, p.partition, p.position, p.leg), p.amount_minor
         from ended
        cross join lateral (
          select * from posting p
           where p.period = ended.period and p.period = any($3) and p.user_id = ended.user_id and p.occurred_at = ended.at
             and ${secondOf("p.occurred_at")} = ${secondOf("ended.at")} and p.task_id = ended.task_id and p.kind = 'fee' and p.source = 'tasks'
           order by p.epoch desc, p.position desc limit 1) p
       union all
       select task_id, entry_id, null from ended where entry_id is not null
       union all
       select fee.task_id, concat_ws('-', c.period, '${CORRECTION_SOURCE}', 0, c.partition, c.position, 1), r.becomes_minor
         from fee join correction c on c.entry_id = fee.entry_id join correction_request r on r.id = c.request_id
     )
     select task_id as "taskId", entry_id as "entryId", amount_minor as "amountMinor" from fee
      where amount_minor is not null and not exists (select from correction c where c.entry_id = fee.entry_id)`,
    [
      ended.map((it) => it.taskId),
      ended.map((it) => it.userId),
      ended.map((it) => it.period),
      ended.map((it) => it.at),
      ended.map((it) => it.entryId),
    ],
  );
  return new Map(rows.map(({ taskId, ...fee }) => [taskId, fee]));
}

/** Looked at under the lock, which archiving takes too: what is here now stays here. */
async function assertHere(sql: Sql, ended: readonly EndedAssignment[]): Promise<void> {
  const elsewhere = ended.filter(({ entryId }) => entryId === null).map(({ period }) => period);
  const [archive] = await listArchives(sql, "p.number = any($1)", [elsewhere]);
  if (archive === undefined) return;
  const { period, file } = archive;
  throw new Error(
    `the fee to give back was charged in period ${period}, which is archived (${file}): restore it first`,
  );
}

/** Writes down which entry each return of a fee takes back. The database refuses a second return of the same. */
export async function saveFeeReturns(sql: Sql, postings: readonly BookedPosting[]): Promise<void> {
  const returns = postings.filter(({ reverses }) => reverses !== undefined);
  if (returns.length === 0) return;
  await sql(
    `insert into fee_return (entry_id, period, epoch, partition, position)
     select * from unnest($1::text[], $2::int[], $3::int[], $4::smallint[], $5::bigint[])`,
    [
      returns.map((it) => it.reverses),
      returns.map((it) => it.period),
      returns.map((it) => it.event.epoch),
      returns.map((it) => it.event.partition),
      returns.map((it) => it.event.position),
    ],
  );
}

/** Whether the fee of this entry was given back. */
export async function isReturned(sql: Sql, entryId: string): Promise<boolean> {
  return (await sql("select from fee_return where entry_id = $1", [entryId])).length > 0;
}
