/** Removes what only had to be remembered for a time, a bounded batch per pass. */
import { IDEMPOTENCY_HOURS } from "./http/idempotency.ts";
import type { Sql } from "./service.ts";

/**
 * Letters that went through unchanged say nothing that the log does not say. Those that were edited or discarded stay:
 * they are part of the books.
 */
const REDRIVEN_LETTER_DAYS = 90;
const BATCH = 1_000;
/** How often it looks. */
export const JANITOR_POLL_MS = 60_000;

/** Returns how many rows went. */
export async function tidyUp(sql: Sql): Promise<number> {
  const keys = await sql(
    `delete from idempotency where ctid = any(array(
       select ctid from idempotency where created_at < now() - make_interval(hours => $1) limit $2)) returning 1`,
    [IDEMPOTENCY_HOURS, BATCH],
  );
  const letters = await sql(
    `delete from dead_letter where ctid = any(array(
       select ctid from dead_letter
        where status = 'redriven' and edited is null and ended_at < now() - make_interval(days => $1) limit $2)) returning 1`,
    [REDRIVEN_LETTER_DAYS, BATCH],
  );
  return keys.length + letters.length;
}
