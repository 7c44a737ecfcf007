/** What happened to a task, read from the service's own log. */
import { Type, type Static } from "typebox";
import { taskCreatedV2 } from "../../../contracts/tasks/task.created.v2.ts";
import { taskUpdatedV2 } from "../../../contracts/tasks/task.updated.v2.ts";
import { Nullable, OneOf, Timestamp, Uuid } from "../../../platform/contract.ts";
import { partitionOf } from "../../../platform/outbox.ts";
import type { Sql } from "../../../platform/service.ts";

/** How far back the log is searched, in positions of the task's partition: a peek must not read a year. */
const REACH = 300_000;
const MAX_STEPS = 200;

export const TaskHistory = Type.Object({
  items: Type.Array(
    Type.Object({
      what: OneOf(["created", "assigned", "done", "reopened", "edited", "cancelled"]),
      at: Timestamp,
      /** Who held the task after it; null: it waits. */
      assigneeId: Nullable(Uuid),
      assigneeName: Nullable(Type.String()),
      /** Why it was cancelled. */
      reason: Nullable(Type.String()),
      /** Null: nobody pressed anything (a change among the popugs, say). */
      actorId: Nullable(Uuid),
      actorName: Nullable(Type.String()),
      /** The event and its place: what it cost or paid is booked under this place. */
      eventId: Uuid,
      period: Type.Integer(),
      epoch: Type.Integer(),
      partition: Type.Integer(),
      position: Type.Integer(),
    }),
  ),
});

type Row = Omit<Static<typeof TaskHistory>["items"][number], "at" | "what"> & {
  at: Date;
  type: string;
  change: Static<typeof TaskHistory>["items"][number]["what"] | null;
};

/** The newest first. A task from before the reach of the search has a history that begins later. */
export async function taskHistory(sql: Sql, taskId: string): Promise<Static<typeof TaskHistory>> {
  const rows = await sql<Row>(
    `select l.type, l.data ->> 'change' as change, l.time as at, (l.data ->> 'assigneeId')::uuid as "assigneeId",
            l.data -> 'cancellation' ->> 'reason' as reason, holder.name as "assigneeName", doer.user_id as "actorId", doer.name as "actorName", l.id as "eventId",
            l.period, l.epoch, l.partition, l.position
       from log l
       left join person holder on holder.user_id = (l.data ->> 'assigneeId')::uuid
       left join person doer on l.actor = 'user:' || doer.user_id
      where l.partition = $1 and l.position > (select position - $2 from log_head where partition = $1)
        and l.key = $3 and l.type in ($4, $5)
      order by l.position desc limit $6`,
    [partitionOf(taskId), REACH, taskId, taskCreatedV2.type, taskUpdatedV2.type, MAX_STEPS],
  );
  return {
    items: rows.map(({ type, change, at, ...row }) => ({
      ...row,
      what: type === taskCreatedV2.type ? ("created" as const) : (change ?? "edited"),
      at: at.toISOString(),
    })),
  };
}
