/** The newest events of all logs, as CloudEvents. */
import { toCloudEvent } from "../../platform/event.ts";
import { page, readCursor } from "../../platform/http/paging.ts";
import { Refusal } from "../../platform/refusal.ts";
import type { App } from "../start.ts";
import { readLogs } from "./logs.ts";

type Wanted = { limit?: number; cursor?: string; source?: string; type?: string; partition?: number };

export async function findEvents(app: Pick<App, "readerOf" | "services">, wanted: Wanted) {
  const limit = wanted.limit ?? 50;
  const sources = [...app.services.keys()];
  if (wanted.source !== undefined && !sources.includes(wanted.source)) {
    throw new Refusal("invalid", "no-such-source", "There is no source of this name.");
  }
  const [before, beforeId] = readCursor(wanted.cursor) ?? [null, null];
  const rows = await readLogs(
    app,
    wanted.source === undefined ? sources : [wanted.source],
    `($2::timestamptz is null or (logged_at, id) < ($2::timestamptz, $3::uuid))
     and ($4::text is null or type = $4) and ($5::int is null or partition = $5)`,
    "desc",
    [limit + 1, before, beforeId, wanted.type ?? null, wanted.partition ?? null],
  );
  return page(rows, limit, (row) => [row.logged, row.id], toCloudEvent);
}
