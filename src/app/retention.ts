/**
 * Shortens the logs, where a setting says so: their oldest segments are dropped whole, once nobody needs them any more.
 * What a segment is needed for is looked up in the transaction that drops it, with the cursors held still; where services live
 * on servers of their own, in transactions that end after that one.
 */
import pg from "pg";
import type { Logger } from "pino";
import { openPool, sqlOn } from "../platform/database.ts";
import { PARTITIONS } from "../platform/event.ts";
import type { Installation } from "../platform/migrate.ts";
import { type Loop, startLoop } from "../platform/loop.ts";
import { REBUILD_LOCK } from "../platform/rebuild.ts";
import type { Service, Sql } from "../platform/service.ts";
import type { Home, Homes } from "./homes.ts";

/** Dropping waits for whoever reads the log, and lets others wait meanwhile: not longer than this. */
const LOCK_TIMEOUT_MS = 2_000;
const LOCK_NOT_AVAILABLE = "55P03";
/** A segment takes days to fill, so this is often enough. */
const POLL_MS = 3_600_000;

export type Shortened = {
  /** Segments that went: `tasks 0`. */
  dropped: string[];
  /** For each log, why its oldest segment stays; sentences. */
  kept: string[];
};

/** Looks every hour; the log of the process says what went, and what stays for which reason. */
export function keepShort(homes: Homes, days: number, log: Logger): Loop {
  const pass = async () => {
    const { dropped, kept } = await shortenLogs(homes, days);
    log.info({ dropped, kept }, "looked for old segments of the logs");
    // All that can go has gone; looking again at once would be in vain.
    return 0;
  };
  return startLoop("retention", pass, { pollMs: POLL_MS, restMs: 0 }, log);
}

/** Drops what is older than so many days (of real time) and needed by nobody, of the logs of all services. */
export async function shortenLogs(homes: Homes, days: number): Promise<Shortened> {
  const owners = new Map<Home, Owner>();
  const shortened: Shortened = { dropped: [], kept: [] };
  try {
    for (const home of homes.all) owners.set(home, await openOwner(home.installation));
    const sqlOf = (service: string) => (owners.get(homes.of(service)) as Owner).sql;
    const beginAll = async () => {
      for (const owner of owners.values()) await owner.begin();
    };
    const rollbackAll = async () => {
      for (const { sql } of owners.values()) await sql("rollback");
    };
    const services = homes.all.flatMap((home) => home.services);
    for (const { name: source } of services) {
      for (let why: string | undefined; why === undefined; ) {
        await beginAll();
        const oldest = await oldestSegment(sqlOf(source), source);
        why = await unlessHeld(async () => {
          const needed = await whyKept(sqlOf, oldest, services, days);
          if (needed !== undefined) return needed;
          // A full segment does not change any more: it is summed up, which takes minutes, before the cursors are held.
          await rollbackAll();
          await beginAll();
          await sumUp(sqlOf(source), oldest);
          return (await whyNotRead(sqlOf, oldest, services)) ?? (await drop(sqlOf(source), oldest));
        });
        if (why === undefined) {
          await sqlOf(source)("commit");
          shortened.dropped.push(`${source} ${oldest.segment}`);
        } else {
          shortened.kept.push(`${source}, segment ${oldest.segment}: ${why}`);
        }
        // Those that were only looked into let go of the cursors after the drop.
        await rollbackAll();
      }
    }
    return shortened;
  } finally {
    for (const owner of owners.values()) await owner.end();
  }
}

/**
 * A backup reads for hours, a consumer that begins with the state holds its cursors for minutes. Trying again before the next
 * look would sum up once more, and hold the cursors and all readers up, over and over.
 */
async function unlessHeld(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work();
  } catch (error) {
    const isHeld = error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE;
    if (isHeld) return "somebody is reading it, or on the way past it";
    throw error;
  }
}

/** One connection to a database, with the owner's rights in each transaction. */
type Owner = { sql: Sql; begin: () => Promise<void>; end: () => Promise<void> };

async function openOwner({ admin, rolePrefix }: Installation): Promise<Owner> {
  const pool = openPool(admin, { schema: "popug", size: 1, name: "retention", onError: () => {} });
  const client = await pool.connect().catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  const sql = sqlOn(client);
  return {
    sql,
    begin: async () => {
      await sql("begin");
      await client.query(`set local role ${pg.escapeIdentifier(`${rolePrefix}_owner`)}`);
      await client.query(
        `set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0; set local lock_timeout = ${LOCK_TIMEOUT_MS}`,
      );
    },
    end: async () => {
      // Whatever a failure left open ends with its connection.
      client.release(true);
      await pool.end();
    },
  };
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
  sqlOf: (service: string) => Sql,
  segment: Segment,
  services: readonly Service[],
  days: number,
): Promise<string | undefined> {
  // Every partition has gone on behind it, so that it does not change any more.
  if (!segment.isFull) return "it is not full in every partition";
  return (
    (await whyTooYoung(sqlOf(segment.source), segment, days)) ??
    (await whyNotVerified(sqlOf("accounting"), sqlOf(segment.source), segment)) ??
    (await whyNotRead(sqlOf, segment, services))
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
async function whyNotVerified(books: Sql, sql: Sql, { table }: Segment): Promise<string | undefined> {
  const [verified] = await books<{ number: number; beganAt: Date }>(
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
  sqlOf: (service: string) => Sql,
  { source, end }: Segment,
  services: readonly Service[],
): Promise<string | undefined> {
  for (const { name, consumers } of services) {
    const sql = sqlOf(name);
    const [lock] = await sql<{ mine: boolean }>("select pg_try_advisory_xact_lock($1) as mine", [REBUILD_LOCK]);
    if (lock?.mine !== true) return "a rebuild reads it, or another process is just looking";
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

async function sumUp(sql: Sql, { source, segment, table }: Segment): Promise<void> {
  await sql(
    `insert into ${source}.log_dropped (segment, type, count, checksum, period)
     select $1, type, count(*), sum(${source}.event_digest(data)), max(period) from ${table} group by type`,
    [segment],
  );
}

/** It has gone, once this is committed. */
async function drop(sql: Sql, { source, table, end }: Segment): Promise<undefined> {
  await sql(`drop table ${table}`);
  await sql(`update ${source}.log_source set begins_at = $1`, [end]);
  return undefined;
}
