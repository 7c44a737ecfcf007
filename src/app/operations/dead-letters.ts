/** Dead letters of all services that run here. */
import { Type } from "typebox";
import { Nullable, Timestamp, Uuid } from "../../platform/contract.ts";
import { page, readCursor } from "../../platform/http/paging.ts";
import type { RunningService } from "../../platform/run-service.ts";

export const DeadLetterView = Type.Object({
  id: Uuid,
  service: Type.String(),
  consumer: Type.String(),
  source: Type.String(),
  partition: Type.Integer(),
  position: Type.Integer(),
  key: Type.String(),
  type: Type.String(),
  eventId: Uuid,
  period: Nullable(Type.Integer()),
  status: Type.String(),
  reason: Type.String(),
  waitsFor: Nullable(Type.String()),
  attempts: Type.Integer(),
  createdAt: Timestamp,
  discardBy: Nullable(Type.String()),
  discardReason: Nullable(Type.String()),
  /** Where the code was when it failed last. */
  stack: Nullable(Type.String()),
  /** What is known of the event besides its data. */
  headers: Type.Record(Type.String(), Type.Unknown()),
  /** Data of the event, as it is or as it was mended. */
  data: Type.Unknown(),
  /** Who mended it. */
  editedBy: Nullable(Type.String()),
  /** The data as they came, where somebody mended them. */
  dataBefore: Nullable(Type.Unknown()),
});

type Row = { createdAt: Date; id: string } & Record<string, unknown>;
type Wanted = { limit?: number; cursor?: string; service?: string; status?: string };

/** Open ones unless a status is asked for; oldest first, because that one holds up the others. */
export async function findDeadLetters(services: ReadonlyMap<string, RunningService>, wanted: Wanted) {
  const limit = wanted.limit ?? 50;
  const [after] = readCursor(wanted.cursor) ?? [null];
  const rows: Row[] = [];
  for (const [name, running] of services) {
    if (wanted.service !== undefined && wanted.service !== name) continue;
    rows.push(
      ...(await running.sql<Row>(
        `select id, $1 as service, consumer, source, partition, position, key, type, event_id as "eventId", period, status,
                reason, waits_for as "waitsFor", attempts, created_at as "createdAt", discard_by as "discardBy",
                discard_reason as "discardReason", stack, event - 'data' as headers,
                coalesce(edited, event->'data') as data, edited_by as "editedBy",
                case when edited is not null then event->'data' end as "dataBefore"
           from dead_letter
          where ($2::uuid is null or id > $2)
            and case when $3::text is null then status in ('dead', 'deferred', 'parked') else status = $3 end
          order by id limit $4`,
        [name, after, wanted.status ?? null, limit + 1],
      )),
    );
  }
  rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  return page(
    rows,
    limit,
    (row) => [row.id],
    (row) => ({ ...row, createdAt: row.createdAt.toISOString() }) as never,
  );
}
