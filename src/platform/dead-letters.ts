/** SQL of the events that could not be applied. All of it runs inside the transaction of the partition's consumer. */
import { v7 as uuidv7 } from "uuid";
import type { LogRow } from "./event.ts";
import { Refusal } from "./refusal.ts";
import { Deferred, type Sql } from "./service.ts";

/** A deferred event looks again by itself after this long, should the release have been missed. */
export const DEFERRED_RETRY_MS = 30_000;

export type DeadLetterStatus = "dead" | "deferred" | "parked" | "redriven" | "discarded";

/** Why an event could not be applied. */
export type Trouble = {
  status: "dead" | "deferred" | "parked";
  reason: string;
  waitsFor?: string;
  attempts?: number;
  /** Where the code was, for whoever looks for the cause. */
  stack?: string | undefined;
};

const MAX_STACK = 4_000;

/** Whose events: every cursor has its own dead letters. */
export type Lane = { consumer: string; source: string };

/** The keys of these partitions behind which everything has to wait. */
export async function blockedKeys(sql: Sql, lane: Lane, partitions: readonly number[]): Promise<Set<string>> {
  const rows = await sql<{ partition: number; key: string }>(
    `select distinct partition, key from dead_letter
      where consumer = $1 and source = $2 and partition = any($3) and status in ('dead', 'deferred', 'parked')`,
    [lane.consumer, lane.source, partitions],
  );
  return new Set(rows.map((row) => blockKey(row.partition, row.key)));
}

export const blockKey = (partition: number, key: string) => `${partition}:${key}`;

/** Puts events aside. A deferred one is tried again by itself after `retryInMs`, or when what it waits for appears. */
export async function putAside(
  sql: Sql,
  lane: Lane,
  rows: readonly { event: LogRow; trouble: Trouble }[],
  retryInMs: number,
): Promise<void> {
  if (rows.length === 0) return;
  await sql(
    `insert into dead_letter (id, consumer, source, partition, position, epoch, key, type, event_id, period, status, reason,
                              waits_for, attempts, stack, event, redrive_at)
     select (r->>'id')::uuid, $1, $2, (e->>'partition')::smallint, (e->>'position')::bigint, (e->>'epoch')::int, e->>'key',
            e->>'type', (e->>'id')::uuid, (e->>'period')::int, r->>'status', r->>'reason', r->>'waitsFor',
            (r->>'attempts')::int, r->>'stack', e,
            case when r->>'status' = 'deferred' then now() + make_interval(secs => $4::float8 / 1000) end
       from jsonb_array_elements($3::jsonb) r cross join lateral (select r->'event' as e) as event
      order by (e->>'partition')::int, (e->>'position')::bigint`,
    [
      lane.consumer,
      lane.source,
      JSON.stringify(
        rows.map(({ event, trouble }) => ({
          id: uuidv7(),
          event,
          status: trouble.status,
          reason: trouble.reason.slice(0, 2_000),
          waitsFor: trouble.waitsFor ?? null,
          attempts: trouble.attempts ?? 1,
          stack: trouble.stack?.slice(0, MAX_STACK) ?? null,
        })),
      ),
      retryInMs,
    ],
  );
}

/**
 * The first open event of each key, where it may be tried now: a parked one whose predecessor is out of the way, or one
 * for which somebody (or the time) asked.
 */
export async function dueLetters(
  sql: Sql,
  lane: Lane,
  partitions: readonly number[],
  limit: number,
): Promise<{ id: string; event: LogRow }[]> {
  const rows = await sql<{ id: string; event: LogRow }>(
    `select id, event
       from (select distinct on (partition, key) * from dead_letter
              where consumer = $1 and source = $2 and partition = any($3) and status in ('dead', 'deferred', 'parked')
              order by partition, key, position) heads
      where status = 'parked' or redrive_at <= now()
      order by partition, position limit $4`,
    [lane.consumer, lane.source, partitions, limit],
  );
  for (const row of rows) row.event = { ...row.event, time: new Date(row.event.time) };
  return rows;
}

/**
 * Locks a letter that is still open, so that nobody discards it meanwhile; undefined when it is not open any more.
 * `redriveAt` names the request under which it is tried.
 */
export async function lockLetter(
  sql: Sql,
  id: string,
): Promise<{ edited: unknown; redriveAt: string | null } | undefined> {
  const rows = await sql<{ edited: unknown; redriveAt: string | null }>(
    `select edited, redrive_at::text as "redriveAt" from dead_letter
      where id = $1 and status in ('dead', 'deferred', 'parked') for update`,
    [id],
  );
  return rows[0];
}

/** The event went through. */
export async function endLetter(sql: Sql, id: string): Promise<void> {
  await sql(
    "update dead_letter set status = 'redriven', redrive_at = null, attempts = attempts + 1, ended_at = now() where id = $1",
    [id],
  );
}

/**
 * The event failed again: dead until somebody asks, or deferred until the time or its reference comes. What was asked for
 * since `askedAt` stays asked for; what is not open any more stays as it is.
 */
export async function keepLetter(
  sql: Sql,
  id: string,
  trouble: Trouble,
  retryInMs: number,
  askedAt: string | null,
): Promise<void> {
  await sql(
    `update dead_letter
        set status = $2, reason = $3, waits_for = $4, stack = $7, attempts = attempts + 1,
            redrive_at = case when redrive_at is distinct from $6::timestamptz then redrive_at
                              when $2 = 'deferred' then now() + make_interval(secs => $5::float8 / 1000) end
      where id = $1 and status in ('dead', 'deferred', 'parked')`,
    [
      ...[id, trouble.status, trouble.reason.slice(0, 2_000), trouble.waitsFor ?? null, retryInMs, askedAt],
      trouble.stack?.slice(0, MAX_STACK) ?? null,
    ],
  );
}

/** What an error says about the event on which it was thrown. */
export function troubleOf(error: unknown): Trouble {
  const reason = error instanceof Error ? error.message : String(error);
  return error instanceof Deferred
    ? { status: "deferred", reason, waitsFor: error.waitsFor }
    : { status: "dead", reason, stack: error instanceof Error ? error.stack : undefined };
}

/** What deferred events waited for has appeared: they are tried at once. Call it in the transaction that made it appear. */
export async function release(sql: Sql, references: readonly string[]): Promise<void> {
  await sql(
    "update dead_letter set redrive_at = now() where status = 'deferred' and waits_for = any($1) and redrive_at > now()",
    [references],
  );
}

/**
 * Asks for a dead letter to be tried again, if wanted with mended data. Key, type and period stay as they were: another
 * key would break its order, another period would put money into the wrong day.
 */
export async function requestRedrive(sql: Sql, id: string, by: string, edited: unknown): Promise<void> {
  const rows = await sql<{ status: DeadLetterStatus }>("select status from dead_letter where id = $1 for update", [id]);
  const letter = rows[0];
  if (letter === undefined) throw new Refusal("not-found", "dead-letter-not-found", "There is no such dead letter.");
  if (letter.status === "parked") {
    throw new Refusal(
      "conflict",
      "dead-letter-parked",
      "It waits behind an earlier event of its key: redrive that one.",
    );
  }
  if (letter.status !== "dead" && letter.status !== "deferred") {
    throw new Refusal("conflict", "dead-letter-ended", `It was ${letter.status} already.`);
  }
  await sql(
    `update dead_letter set redrive_at = now(), edited = coalesce($2::jsonb, edited),
            edited_by = case when $2::jsonb is null then edited_by else $3 end where id = $1`,
    [id, edited === undefined ? null : JSON.stringify(edited), by],
  );
}

/**
 * Asks for all that wait for somebody to be tried again: those of one consumer, or of every one. Each is tried in its place,
 * as if it were asked for alone. Returns how many that are.
 */
export async function requestRedriveOfAll(sql: Sql, consumer: string | undefined): Promise<number> {
  const rows = await sql(
    `update dead_letter set redrive_at = now()
      where id in (select id from dead_letter
                    where status in ('dead', 'deferred') and ($1::text is null or consumer = $1) order by id for update)
      returning id`,
    [consumer ?? null],
  );
  return rows.length;
}

/**
 * Gives an event up, with a reason. About money it takes two: the first call records who wants it, a second person's
 * call does it. Returns whether it is done.
 */
export async function discard(
  sql: Sql,
  id: string,
  by: string,
  reason: string,
  needsTwo: (consumer: string) => boolean,
): Promise<boolean> {
  const rows = await sql<{ status: DeadLetterStatus; consumer: string; discard_by: string | null }>(
    "select status, consumer, discard_by from dead_letter where id = $1 for update",
    [id],
  );
  const letter = rows[0];
  if (letter === undefined) throw new Refusal("not-found", "dead-letter-not-found", "There is no such dead letter.");
  if (letter.status !== "dead" && letter.status !== "deferred") {
    throw new Refusal(
      "conflict",
      "dead-letter-ended",
      `It is ${letter.status}; only a dead or deferred one can be discarded.`,
    );
  }
  if (needsTwo(letter.consumer)) {
    if (letter.discard_by === by) {
      throw new Refusal(
        "conflict",
        "second-person-needed",
        "You asked for this discard; somebody else has to confirm it.",
      );
    }
    if (letter.discard_by === null) {
      await sql("update dead_letter set discard_by = $2, discard_reason = $3 where id = $1", [id, by, reason]);
      return false;
    }
  }
  await sql(
    `update dead_letter set status = 'discarded', redrive_at = null, ended_at = now(),
            discard_by = case when discard_by is null then $2 else discard_by || ', ' || $2 end,
            discard_reason = case when discard_reason is null then $3 else discard_reason || '; ' || $3 end
      where id = $1`,
    [id, by, reason],
  );
  return true;
}
