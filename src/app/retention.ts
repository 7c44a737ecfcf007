/**
 * Shortens the logs, where a setting says so: their oldest segments are dropped whole, once nobody needs them any more.
 * What a segment is needed for is looked up in the transaction that drops it, with the cursors held still.
 */
import pg from "pg";
import type { Logger } from "pino";
import { openPool, sqlOn } from "../platform/database.ts";
import { PARTITIONS } from "../platform/event.ts";
import type { Installation } from "../platform/migrate.ts";
import { type Loop, startLoop } from "../platform/loop.ts";
import { REBUILD_LOCK } from "../platform/rebuild.ts";
import type { Service, Sql } from "../platform/service.ts";

/** Dropping waits for whoever reads the log, and lets others wait meanwhile: not longer than this. */
const LOCK_TIMEOUT_MS = 2_000;
/** A segment takes days to fill, so this is often enough. */
const POLL_MS = 3_600_000;

export type Shortened = {
  /** Segments that went: `tasks 0`. */
  dropped: string[];
  /** For each log, why its oldest segment stays; sentences. */
  kept: string[];
};

/** Looks every hour; the log of the process says what went, and what stays for which reason. */
export function keepShort(installation: Installation, services: readonly Service[], days: number, log: Logger): Loop {
  const pass = async () => {
    const { dropped, kept } = await shortenLogs(installation, services, days);
    log.info({ dropped, kept }, "looked for old segments of the logs");
    // All that can go has gone; looking again at once would be in vain.
    return 0;
  };
  return startLoop("retention", pass, { pollMs: POLL_MS, restMs: 0 }, log);
}

/** Drops what is older than so many days (of real time) and needed by nobody, of the logs of all services. */
export async function shortenLogs(
  installation: Installation,
  services: readonly Service[],
  days: number,
): Promise<Shortened> {
  const pool = openPool(installation.admin, { schema: "popug", size: 1, name: "retention", onError: () => {} });
  const client = await pool.connect();
  const sql = sqlOn(client);
  const shortened: Shortened = { dropped: [], kept: [] };
  try {
    for (const { name: source } of services) {
      for (let why: string | undefined; why === undefined; ) {
        await sql("begin");
        await client.query(`set local role ${pg.escapeIdentifier(`${installation.rolePrefix}_owner`)}`);
        await client.query(`set local statement_timeout = 0; set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
        const oldest = await oldestSegment(sql, source);
        why = await whyKept(sql, oldest, services, days);
        if (why === undefined) {
          await drop(sql, oldest);
          await sql("commit");
          shortened.dropped.push(`${source} ${oldest.segment}`);
        } else {
          await sql("rollback");
          shortened.kept.push(`${source}, segment ${oldest.segment}: ${why}`);
        }
      }
    }
    return shortened;
  } finally {
    // Whatever a failure left open ends with its connection.
    client.release(true);
    await pool.end();
  }
}

/** A segment holds the positions from `segment * size` up to, not including, `end`, of all partitions. */
type Segment = { source: string; segment: number; table: string; end: number; isFull: boolean };

async function oldestSegment(sql: Sql, source: string): Promise<Segment> {
  const [row] = await sql<{ segment: number; end: number; isFull: boolean }>(
    `select begins_at / segment_size as segment, (begins_at / segment_size + 1) * segment_size as end,
            (select min(position) from ${source}.log_head) >= (begins_at / segment_size + 1) * segment_size as "isFull"
       from ${source}.log_source`,
  );
  if (row === undefined) throw new Error(`the schema of ${source} has no log_source row`);
  return { source, table: `${source}.log_${row.segment}`, ...row };
}

/** Undefined: nothing needs it. The cheap questions first; the one that locks comes last. */
async function whyKept(
  sql: Sql,
  segment: Segment,
  services: readonly Service[],
  days: number,
): Promise<string | undefined> {
  // Every partition has gone on behind it, so that it does not change any more.
  if (!segment.isFull) return "it is not full in every partition";
  return (
    (await whyTooYoung(sql, segment, days)) ??
    (await whyNotVerified(sql, segment)) ??
    (await whyNotRead(sql, segment, services))
  );
}

async function whyTooYoung(sql: Sql, { table }: Segment, days: number): Promise<string | undefined> {
  const [newest] = await sql<{ old: boolean }>(
    `select max(logged_at) < now() - make_interval(days => $1) as old from ${table}`,
    [days],
  );
  return newest?.old === true ? undefined : `it holds events of the last ${days} days`;
}

/**
 * `verify` begins with the newest period up to which every check has passed, and needs all events from its beginning on.
 * What carries no period goes by its time.
 */
async function whyNotVerified(sql: Sql, { table }: Segment): Promise<string | undefined> {
  const [verified] = await sql<{ number: number; beganAt: Date }>(
    `select number, began_at as "beganAt" from accounting.period
      where number = (select max(k.period) from accounting.close_check k
                       where k.period < coalesce((select min(c.period) from accounting.closing c
                                                    left join accounting.close_check f on f.period = c.period
                                                   where f.ok is not true), k.period + 1))`,
  );
  if (verified === undefined) return "no period is closed and checked";
  const [needed] = await sql<{ is: boolean }>(
    `select exists (select from ${table} where case when period is null then time >= $2 else period >= $1 end) as is`,
    [verified.number, verified.beganAt],
  );
  return needed?.is === false
    ? undefined
    : `it holds events of period ${verified.number}, where verify begins, or later`;
}

/** Every consumer of every service has gone past it, and put nothing of it aside. Holds the cursors until the end. */
async function whyNotRead(
  sql: Sql,
  { source, end }: Segment,
  services: readonly Service[],
): Promise<string | undefined> {
  const [lock] = await sql<{ mine: boolean }>("select pg_try_advisory_xact_lock($1) as mine", [REBUILD_LOCK]);
  if (lock?.mine !== true) return "a rebuild reads it, or another process is just looking";
  for (const { name, consumers } of services) {
    const cursors = await sql<{ consumer: string; position: number }>(
      `select consumer, position from ${name}.cursor where source = $1 for share`,
      [source],
    );
    // A consumer that has never run has no cursor; one that is gone from the code still has its own.
    const declared = consumers.filter((consumer) => consumer.source === source).map((consumer) => consumer.name);
    for (const consumer of new Set([...declared, ...cursors.map((cursor) => cursor.consumer)])) {
      // The event at a cursor stays, too: the next one's epoch is held against it.
      const past = cursors.filter((cursor) => cursor.consumer === consumer && cursor.position >= end);
      if (past.length < PARTITIONS) return `${consumer} of ${name} has not read past it in every partition`;
    }
    const [aside] = await sql<{ count: number }>(
      `select count(*) as count from ${name}.dead_letter
        where source = $1 and position < $2 and status in ('dead', 'deferred', 'parked')`,
      [source, end],
    );
    if (aside?.count !== 0) return `${aside?.count} of its events are dead letters of ${name}`;
  }
  return undefined;
}

async function drop(sql: Sql, { source, segment, table, end }: Segment): Promise<void> {
  await sql(
    `insert into ${source}.log_dropped (segment, type, count, checksum, period)
     select $1, type, count(*), sum(${source}.event_digest(data)), max(period) from ${table} group by type`,
    [segment],
  );
  await sql(`drop table ${table}`);
  await sql(`update ${source}.log_source set begins_at = $1`, [end]);
}
