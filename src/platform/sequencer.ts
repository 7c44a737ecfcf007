/**
 * From outbox to log: gives every event a contiguous position in its partition.
 *
 * Why not read the outbox by its serial number: a transaction that commits late has a number below those already read,
 * and its events would be lost. Here a number is given only to what has committed, under one lock, so positions have no
 * holes, and "everything up to position n" is a statement that can be proved.
 */
import type pg from "pg";
import type { Logger } from "pino";
import { sqlOn } from "./database.ts";
import type { Sql } from "./service.ts";
import type { Tracing } from "./tracing.ts";

/** Notified, with the service's name as payload, once per pass that moved something. */
export const LOG_CHANNEL = "popug_log";

export type Sequencer = {
  /** Moves what has committed; returns how many events. Any number of copies may run: the head row serialises them. */
  pass: () => Promise<number>;
};

/**
 * Identity order is commit order for each key (its entity's row is locked before it emits), and an event behind an
 * exclusive lock has a higher number than all that held it shared before. Hence numbering in identity order without
 * SKIP LOCKED. Barriers receive the tally of their period: all of the period stands before them in the same order.
 *
 * The batch is bounded by a number, not joined with itself: a statement that was planned while the outbox was empty is
 * kept, and then looked for each row of a full one among all the others (20 s for 20 000 events).
 */
const number = (alsoSay = "") => `
with batch as materialized (
  delete from outbox where seq <= (select max(seq) from (select seq from outbox order by seq limit $1) first) returning *
), numbered as materialized (
  select b.*, h.position + row_number() over (partition by b.partition order by b.seq) as position
    from batch b join log_head h on h.partition = b.partition
), tally as materialized (
  select partition, period, type, count(*) as count, sum(('x' || right(id::text, 8))::bit(32)::bigint)::bigint as checksum
    from numbered where period is not null and not is_barrier group by partition, period, type
), barred as (
  select distinct partition, period from numbered where is_barrier and period is not null
), control as (
  select partition, period, jsonb_object_agg(type, jsonb_build_object('count', count, 'checksum', checksum::text)) as totals
    from (select partition, period, type, sum(count)::bigint as count, sum(checksum)::bigint as checksum
            from (select * from tally union all select * from log_tally where (partition, period) in (select * from barred)) t
           group by partition, period, type) t
   where (partition, period) in (select * from barred)
   group by partition, period
), counted as (
  insert into log_tally (partition, period, type, count, checksum)
  select * from tally where (partition, period) not in (select * from barred) order by partition, period, type
  on conflict (partition, period, type) do update
     set count = log_tally.count + excluded.count, checksum = log_tally.checksum + excluded.checksum
), settled as (
  delete from log_tally where (partition, period) in (select * from barred)
), logged as (
  insert into log (partition, position, epoch, id, type, version, key, time, period, correlation_id, causation_id, cause,
                   actor, command, traceparent, control, data)
  select n.partition, n.position, $2, n.id, n.type, n.version, n.key, n.time, n.period, n.correlation_id, n.causation_id,
         n.cause, n.actor, n.command, n.traceparent,
         case when n.is_barrier then coalesce(c.totals, '{}') end, n.data
    from numbered n left join control c on n.is_barrier and c.partition = n.partition and c.period = n.period
), moved as (
  update log_head h set position = n.last
    from (select partition, max(position) as last from numbered group by partition) n where h.partition = n.partition
)
select count(*) as moved, max(position) as highest${alsoSay} from numbered`;

const TRACED = `, jsonb_agg(jsonb_build_object('id', id, 'type', type, 'traceparent', traceparent)) filter (where traceparent is not null) as traced`;
type Traced = { id: string; type: string; traceparent: string };

/** Of the server as it writes now; a checkpoint tells of it later only. */
const TIMELINE = `('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int::text`;

/**
 * A standby that was promoted while we run may lack what the primary had told: positions could be given twice. Under another
 * epoch, readers notice. A start does the same (`migrate.ts`).
 */
async function raiseOnPromotion(sql: Sql): Promise<number> {
  const [raised] = await sql<{ epoch: number }>(
    `update log_source set epoch = epoch + 1,
            database_id = concat_ws('/', split_part(database_id, '/', 1), ${TIMELINE}, split_part(database_id, '/', 3))
      returning epoch`,
  );
  if (raised === undefined) throw new Error("the log_source row went away");
  return raised.epoch;
}

export function createSequencer(parts: {
  service: string;
  pool: pg.Pool;
  log: Logger;
  tracing?: Tracing | undefined;
  batchSize?: number;
}): Sequencer {
  const batchSize = parts.batchSize ?? 5_000;
  const statement = number(parts.tracing && TRACED);
  // Segments are made one ahead, so that a pass never needs one that is not there.
  let segmentsReady = -1;

  const pass = async (): Promise<number> => {
    const client = await parts.pool.connect();
    let failed: unknown;
    try {
      const sql = sqlOn(client);
      await client.query("begin");
      // A statement of its own: the next one's snapshot has to be younger than the lock. A standby refuses it.
      const [source] = await sql<{ epoch: number; segmentSize: number; isPromoted: boolean }>(
        `select epoch, segment_size as "segmentSize", split_part(database_id, '/', 2) <> ${TIMELINE} as "isPromoted"
           from log_source for update`,
      );
      if (source === undefined) throw new Error(`the schema of ${parts.service} has no log_source row`);
      if (source.isPromoted) {
        source.epoch = await raiseOnPromotion(sql);
        parts.log.warn({ epoch: source.epoch }, "a standby was promoted: the log goes on under a new epoch");
      }
      const [done] = await sql<{ moved: number; highest: number | null; traced?: Traced[] | null }>(statement, [
        batchSize,
        source.epoch,
      ]);
      const moved = done?.moved ?? 0;
      if (moved > 0) {
        await sql("select pg_notify($1, $2)", [LOG_CHANNEL, parts.service]);
        const segment = Math.floor((done?.highest ?? 0) / source.segmentSize);
        if (segment + 1 > segmentsReady) {
          await sql("select ensure_log_segment($1)", [(segment + 1) * source.segmentSize]);
          segmentsReady = segment + 1;
        }
      }
      await client.query("commit");
      if (done?.traced) parts.tracing?.logged(done.traced);
      return moved;
    } catch (error) {
      failed = error;
      segmentsReady = -1;
      await client.query("rollback").catch(() => {});
      throw error;
    } finally {
      client.release(failed !== undefined);
    }
  };

  return { pass };
}
