/** The newest events of all logs, as CloudEvents. */
import { type LogRow, toCloudEvent } from "../../platform/event.ts";
import { page, readCursor } from "../../platform/http/paging.ts";
import { assertSourceName } from "../../platform/log.ts";
import { Refusal } from "../../platform/refusal.ts";
import type { Sql } from "../../platform/service.ts";

type Wanted = { limit?: number; cursor?: string; source?: string; type?: string; partition?: number };

export async function findEvents(reader: Sql, sources: readonly string[], wanted: Wanted) {
  const limit = wanted.limit ?? 50;
  if (wanted.source !== undefined && !sources.includes(wanted.source)) {
    throw new Refusal("invalid", "no-such-source", "There is no source of this name.");
  }
  const [before, beforeId] = readCursor(wanted.cursor) ?? [null, null];
  const from = wanted.source === undefined ? sources : [wanted.source];
  for (const source of from) assertSourceName(source);
  // Each log is read by its own index; together they are at most a page per source.
  const rows = await reader<LogRow & { logged: string }>(
    `select * from (${from
      .map(
        (source) => `(select id, '${source}' as source, type, version, key, partition, position, epoch, time, period,
            correlation_id as "correlationId", causation_id as "causationId", cause, actor, command, traceparent, control, data,
            logged_at::text as logged, logged_at
       from ${source}.published
      where ($1::timestamptz is null or (logged_at, id) < ($1::timestamptz, $2::uuid))
        and ($3::text is null or type = $3) and ($4::int is null or partition = $4)
      order by logged_at desc, id desc limit $5)`,
      )
      .join(" union all ")}) events
      order by logged_at desc, id desc limit $5`,
    [before, beforeId, wanted.type ?? null, wanted.partition ?? null, limit + 1],
  );
  return page(rows, limit, (row) => [row.logged, row.id], toCloudEvent);
}
