/** Events of all logs as operators look at them: who has heard each of them, and how they follow from one another. */
import { Type, type Static } from "typebox";
import { Nullable, OneOf, Timestamp, Uuid } from "../../platform/contract.ts";
import { page, readCursor } from "../../platform/http/paging.ts";
import { partitionOf } from "../../platform/outbox.ts";
import { Refusal } from "../../platform/refusal.ts";
import type { App } from "../start.ts";
import { type LoggedRow, readLogs } from "./logs.ts";

/** A trace with more events than this is shown in part. */
const MAX_TRACE = 300;
/** How long after its beginning an event still belongs to what is looked for. */
const TRACE_HOURS = 1;

/** An event with where it got to. */
export const FlowEvent = Type.Object({
  id: Uuid,
  source: Type.String(),
  type: Type.String(),
  version: Type.Integer(),
  key: Type.String(),
  partition: Type.Integer(),
  position: Type.Integer(),
  /** Business time. */
  time: Timestamp,
  /** Real time at which it was made in its transaction, and at which it got its place in the log. */
  madeAt: Timestamp,
  loggedAt: Timestamp,
  period: Nullable(Type.Integer()),
  correlationId: Uuid,
  causationId: Nullable(Uuid),
  actor: Type.String(),
  command: Type.String(),
  data: Type.Unknown(),
  consumers: Type.Array(
    Type.Object({
      service: Type.String(),
      consumer: Type.String(),
      state: OneOf(["applied", "waiting", "put-aside"]),
    }),
  ),
});
export type FlowEvent = Static<typeof FlowEvent>;

/** What `getTrace` answers: everything that goes back to one command, in the order in which it was logged. */
export const Trace = Type.Object({
  correlationId: Uuid,
  events: Type.Array(FlowEvent),
  /** More events follow than are shown. */
  more: Type.Boolean(),
});

type Wanted = {
  limit?: number;
  cursor?: string;
  source?: string;
  type?: string;
  except?: string;
  key?: string;
  from?: string;
  until?: string;
};
type Reader = Pick<App, "readerOf" | "services">;

/**
 * The newest events, newest first. `except`: types to leave out, with commas; `key`: of one task, say; logged `from`
 * (included) `until` (not included) two instants of real time.
 */
export async function findFlowEvents(app: Reader, wanted: Wanted) {
  const limit = wanted.limit ?? 50;
  const names = [...app.services.keys()];
  if (wanted.source !== undefined && !names.includes(wanted.source)) {
    throw new Refusal("invalid", "no-such-source", "There is no source of this name.");
  }
  const [before, beforeId] = readCursor(wanted.cursor) ?? [null, null];
  const rows = await readLogs(
    app,
    wanted.source === undefined ? names : [wanted.source],
    `($2::timestamptz is null or (logged_at, id) < ($2::timestamptz, $3::uuid))
     and ($4::text is null or type = $4) and not (type = any($5::text[]))
     and ($6::text is null or (partition = $7::smallint and key = $6))
     and ($8::timestamptz is null or logged_at >= $8) and ($9::timestamptz is null or logged_at < $9)`,
    "desc",
    [
      limit + 1,
      before,
      beforeId,
      wanted.type ?? null,
      wanted.except === undefined ? [] : wanted.except.split(","),
      wanted.key ?? null,
      wanted.key === undefined ? null : partitionOf(wanted.key),
      wanted.from ?? null,
      wanted.until ?? null,
    ],
  );
  const shown = await withConsumers(app, rows);
  return page(
    shown,
    limit,
    ({ row }) => [row.logged, row.id],
    ({ event }) => event,
  );
}

/**
 * What goes back to one command, found by the id of the command's correlation or of any of its events. Ids begin with
 * the ms of their making, so the logs are read around that time only.
 */
export async function findTrace(app: Reader, id: string): Promise<Static<typeof Trace>> {
  const names = [...app.services.keys()];
  const around = (own: string) =>
    `logged_at between to_timestamp($2::float8 / 1000) - interval '1 minute'
                   and to_timestamp($2::float8 / 1000) + interval '${TRACE_HOURS} hour' and ${own}`;
  const [event] = await readLogs(app, names, around("id = $3::uuid"), "asc", [1, madeAt(id).getTime(), id]);
  const correlationId = event?.correlationId ?? id;
  const rows = await readLogs(app, names, around("correlation_id = $3::uuid"), "asc", [
    MAX_TRACE + 1,
    madeAt(correlationId).getTime(),
    correlationId,
  ]);
  if (rows.length === 0) throw new Refusal("not-found", "trace-not-found", "There is no event with this id.");
  const shown = await withConsumers(app, rows.slice(0, MAX_TRACE));
  return { correlationId, events: shown.map((one) => one.event), more: rows.length > MAX_TRACE };
}

/** When a UUIDv7 was made. */
const madeAt = (id: string) => new Date(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16));

/** Beside each event the consumers that listen to it: behind their cursor it is applied, or it was put aside. */
async function withConsumers(app: Reader, rows: readonly LoggedRow[]): Promise<{ row: LoggedRow; event: FlowEvent }[]> {
  const listeners = (await Promise.all([...app.services.values()].map((one) => stateOf(one, rows)))).flat();
  return rows.map((row) => ({
    row,
    event: {
      ...{ id: row.id, source: row.source, type: row.type, version: row.version, key: row.key, period: row.period },
      ...{ partition: row.partition, position: row.position, actor: row.actor, command: row.command, data: row.data },
      ...{ correlationId: row.correlationId, causationId: row.causationId },
      time: row.time.toISOString(),
      madeAt: madeAt(row.id).toISOString(),
      loggedAt: row.loggedAt.toISOString(),
      consumers: listeners
        .filter((one) => one.source === row.source && one.types.has(row.type))
        .map(({ service, consumer, cursors, aside }) => ({
          service,
          consumer,
          state: aside.has(row.id)
            ? ("put-aside" as const)
            : (cursors.get(row.partition) ?? 0) >= row.position
              ? ("applied" as const)
              : ("waiting" as const),
        })),
    },
  }));
}

type Running = App["services"] extends ReadonlyMap<string, infer R> ? R : never;

async function stateOf({ service, sql }: Running, rows: readonly LoggedRow[]) {
  if (service.consumers.length === 0 || rows.length === 0) return [];
  const cursors = await sql<{ consumer: string; source: string; partition: number; position: number }>(
    "select consumer, source, partition, position from cursor",
  );
  const letters = await sql<{ consumer: string; eventId: string }>(
    `select consumer, event_id as "eventId" from dead_letter
      where status in ('dead', 'deferred', 'parked')
        and (source, partition, position) in (select * from unnest($1::text[], $2::smallint[], $3::bigint[]))`,
    [rows.map((row) => row.source), rows.map((row) => row.partition), rows.map((row) => row.position)],
  );
  return service.consumers.map(({ name, source, events }) => ({
    service: service.name,
    consumer: name,
    source,
    types: new Set(events.map((contract) => contract.type)),
    cursors: new Map(
      cursors
        .filter((one) => one.consumer === name && one.source === source)
        .map((one) => [one.partition, one.position]),
    ),
    aside: new Set(letters.filter((letter) => letter.consumer === name).map((letter) => letter.eventId)),
  }));
}
