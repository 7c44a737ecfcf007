/** Reading a producer's log in PostgreSQL, through the view `<source>.published` that is granted to readers. */
import { PARTITIONS, type LogRow } from "./event.ts";
import type { Sql } from "./service.ts";

/** Where a reader stands in one partition: everything up to and including `position` is behind it. */
export type Place = { partition: number; position: number };

/** The transport, from a consumer's point of view. Rows come sorted by partition and position. */
export type LogReader = {
  /** Up to `limitEach` events per place, contiguous behind it; data only for the given types (all when null). */
  read: (places: readonly Place[], types: readonly string[] | null, limitEach: number) => Promise<LogRow[]>;
  /** The newest position and the epoch of each partition; `beginsAt`: the lowest position that is kept, 0 for all. */
  heads: () => Promise<{ partition: number; position: number; epoch: number; beginsAt: number }[]>;
  /** Of the source's present state (see `state.ts`), up to `limit` rows of a type behind an id, by id. */
  state: (type: string, afterId: string, limit: number) => Promise<StateRow[]>;
};

/** An event as its source would say it today. The ids tell the rows of a type apart, and nothing else. */
export type StateRow = Pick<LogRow, "id" | "type" | "version" | "key" | "data">;

/** How a service reads the log of a source it hears; `own` is its own database, as its own role. */
export type OpenLog = (source: string, own: Sql) => LogReader;

const COLUMNS = (source: string, data: string) => `
  l.id, '${source}' as source, l.type, l.version, l.key, l.partition, l.position, l.epoch, l.time, l.period,
  l.correlation_id as "correlationId", l.causation_id as "causationId", l.cause, l.actor, l.command, l.traceparent,
  l.control, ${data} as data`;
/** Real time; asked for where traces are told. */
const LOGGED_AT = `, l.logged_at as "loggedAt"`;

/** A source's name becomes part of a statement; only what can be a schema of ours may. */
export function assertSourceName(source: string): void {
  if (!/^[a-z][a-z_]{0,30}$/.test(source)) throw new Error(`not the name of a source: ${source}`);
}

/** The log of a source, read by somebody who may SELECT from its `published` views. */
export function postgresLog(sql: Sql, source: string, { traced = false } = {}): LogReader {
  assertSourceName(source);
  const readText = `
    select ${COLUMNS(source, "case when $4::text[] is null or l.type = any($4) then l.data end")}${traced ? LOGGED_AT : ""}
      from unnest($1::smallint[], $2::bigint[]) as place (partition, position)
     cross join lateral (
       select * from ${source}.published p
        where p.partition = place.partition and p.position > place.position
        order by p.position limit $3
     ) l
     order by l.partition, l.position`;
  return {
    read: (places, types, limitEach) =>
      sql<LogRow>(readText, [places.map((p) => p.partition), places.map((p) => p.position), limitEach, types]),
    heads: () =>
      sql(
        `select partition, position, epoch, begins_at as "beginsAt" from ${source}.published_head order by partition`,
      ),
    state: (type, afterId, limit) =>
      sql<StateRow>(
        `select id, type, version, key, data from ${source}.state where type = $1 and id > $2 order by id limit $3`,
        [type, afterId, limit],
      ),
  };
}

/** One event by its place; undefined when it is not there (any more). */
export async function readEvent(log: LogReader, partition: number, position: number): Promise<LogRow | undefined> {
  if (!Number.isInteger(partition) || partition < 0 || partition >= PARTITIONS) return undefined;
  const [row] = await log.read([{ partition, position: position - 1 }], null, 1);
  return row?.position === position ? row : undefined;
}
