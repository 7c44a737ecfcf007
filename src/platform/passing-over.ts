/**
 * Where nothing that is said at present can change anything, a consumer passes over it unread: its cursors go to the heads, at a
 * cost that does not depend on how much that is. Whoever has not heard anything yet may do so too, however much of the log is
 * kept no more.
 */
import type { Lane } from "./dead-letters.ts";
import type { LogReader } from "./log.ts";
import type { Consumer, Sql } from "./service.ts";

/** Whether there was something to pass over; undefined: the consumer has to read. */
export type Passed = boolean | undefined;

/**
 * Moves the cursors to the heads if the consumer has no use for anything. The heads are told before it is asked, in the
 * transaction that moves the cursors: so what is numbered after it began to have a use is read. While letters of it are
 * open it reads, so that they stay in the order of their keys.
 * @param heads of the log, looked up before this transaction began
 */
export async function passOver(
  sql: Sql,
  lane: Lane,
  hasNoUse: NonNullable<Consumer["hasNoUse"]>,
  heads: Awaited<ReturnType<LogReader["heads"]>>,
): Promise<Passed> {
  const [open] = await sql(
    "select from dead_letter where consumer = $1 and source = $2 and status in ('dead', 'deferred', 'parked') limit 1",
    [lane.consumer, lane.source],
  );
  if (open !== undefined || !(await hasNoUse(sql))) return undefined;
  const moved = await sql(
    `insert into cursor as known (consumer, source, partition, epoch, position)
     select $1, $2, * from unnest($3::smallint[], $4::int[], $5::bigint[]) as head (partition, epoch, position) order by partition
     on conflict (consumer, source, partition) do update set epoch = excluded.epoch, position = excluded.position
      where known.position < excluded.position
     returning partition`,
    [
      lane.consumer,
      lane.source,
      heads.map((head) => head.partition),
      heads.map((head) => head.epoch),
      heads.map((head) => head.position),
    ],
  );
  return moved.length > 0;
}
