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
};

const COLUMNS = (source: string, data: string) => `
  l.id, '${source}' as source, l.type, l.version, l.key, l.partition, l.position, l.epoch, l.time, l.period,
  l.correlation_id as "correlationId", l.causation_id as "causationId", l.cause, l.actor, l.command, l.traceparent,
  l.control, ${data} as data`;

/** A source's name becomes part of a statement; only what can be a schema of ours may. */
export function assertSourceName(source: string): void {
  if (!/^[a-z][a-z_]{0,30}$/.test(source)) throw new Error(`not the name of a source: ${source}`);
}

/** The log of a source, read by somebody who may SELECT from its `published` views. */
export function postgresLog(sql: Sql, source: string): LogReader {
  assertSourceName(source);
  const readText = `
    select ${COLUMNS(source, "case when $4::text[] is null or l.type = any($4) then l.data end")}
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
  };
}

/** One event by its place; undefined when it is not there (any more). */
export async function readEvent(
  sql: Sql,
  source: string,
  partition: number,
  position: number,
): Promise<LogRow | undefined> {
  assertSourceName(source);
  if (!Number.isInteger(partition) || partition < 0 || partition >= PARTITIONS) return undefined;
  const rows = await sql<LogRow>(
    `select ${COLUMNS(source, "l.data")} from ${source}.published l where l.partition = $1 and l.position = $2`,
    [partition, position],
  );
  return rows[0];
}
