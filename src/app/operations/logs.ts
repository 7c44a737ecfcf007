/** Reading several logs as one, wherever each of them is. */
import type { LogRow } from "../../platform/event.ts";
import { assertSourceName } from "../../platform/log.ts";
import type { App } from "../start.ts";

/** `logged`: the same as `loggedAt`, in microseconds, as a text that sorts. */
export type LoggedRow = LogRow & { logged: string; loggedAt: Date };

/**
 * Events of these logs in the order in which they were logged. Each log is read by its own index; together they are at most a
 * page (`$1`, the first of the values) per source.
 */
export async function readLogs(
  app: Pick<App, "readerOf">,
  sources: readonly string[],
  where: string,
  order: "asc" | "desc",
  values: readonly [limit: number, ...unknown[]],
): Promise<LoggedRow[]> {
  const pages = await Promise.all(
    sources.map((source) => {
      assertSourceName(source);
      return app.readerOf(source)<LoggedRow>(
        `select id, '${source}' as source, type, version, key, partition, position, epoch, time, period,
                correlation_id as "correlationId", causation_id as "causationId", cause, actor, command, traceparent, control,
                data, to_char(logged_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as logged, logged_at as "loggedAt"
           from ${source}.published where ${where} order by logged_at ${order}, id ${order} limit $1`,
        values,
      );
    }),
  );
  const sign = order === "asc" ? 1 : -1;
  const before = (a: LoggedRow, b: LoggedRow) => a.logged < b.logged || (a.logged === b.logged && a.id < b.id);
  return pages
    .flat()
    .sort((a, b) => (before(a, b) ? -sign : sign))
    .slice(0, values[0]);
}
