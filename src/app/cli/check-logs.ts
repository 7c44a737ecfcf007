/** What can be wrong with the logs themselves: holes, heads that lie, readers ahead of what was written. */
import pg from "pg";
import type { Sql } from "../../platform/service.ts";
import type { SqlOf } from "./session.ts";

export type LogCheck = {
  /** What does not fit; sentences. */
  findings: string[];
  /** What is on its way and no difference: events not numbered yet, not read yet, put aside. */
  underway: string[];
  events: number;
};

/**
 * Checks the logs of the services, in snapshots, with the owner's rights.
 * @param logOf sees a log at least as far as anybody had read it whom `stateOf` sees
 */
export async function checkLogs(services: readonly string[], stateOf: SqlOf, logOf: SqlOf): Promise<LogCheck> {
  const check: LogCheck = { findings: [], underway: [], events: 0 };
  for (const service of services) await checkLog(stateOf(service), service, check);
  for (const service of services) await checkReaders(stateOf(service), service, services, logOf, check);
  return check;
}

async function checkLog(sql: Sql, service: string, check: LogCheck): Promise<void> {
  const schema = pg.escapeIdentifier(service);
  const partitions = await sql<Record<"partition" | "head" | "begins" | "first" | "last" | "count", number>>(
    `select h.partition, h.position as head, greatest(s.begins_at, 1) as begins, coalesce(min(l.position), h.position + 1) as first,
            coalesce(max(l.position), h.position) as last, count(l.position) as count
       from ${schema}.log_head h cross join ${schema}.log_source s left join ${schema}.log l on l.partition = h.partition
      group by h.partition, h.position, s.begins_at order by h.partition`,
  );
  for (const { partition, head, begins, first, last, count } of partitions) {
    const where = `log of ${service}, partition ${partition}`;
    check.events += count;
    if (last !== head) check.findings.push(`${where}: the newest event is ${last}, its head says ${head}`);
    if (first !== begins) check.findings.push(`${where}: the oldest event is ${first}, it should be ${begins}`);
    if (count !== last - first + 1) {
      check.findings.push(`${where}: ${last - first + 1 - count} events are missing between ${first} and ${last}`);
    }
  }
  const [outbox] = await sql<{ count: number }>(`select count(*) as count from ${schema}.outbox`);
  if (outbox !== undefined && outbox.count > 0) {
    check.underway.push(`${service}: ${outbox.count} events wait for their place in the log`);
  }
}

async function checkReaders(
  sql: Sql,
  service: string,
  sources: readonly string[],
  logOf: SqlOf,
  check: LogCheck,
): Promise<void> {
  const schema = pg.escapeIdentifier(service);
  for (const source of sources) {
    const cursors = await sql<{ consumer: string; partition: number; position: number; epoch: number }>(
      `select consumer, partition, position, epoch from ${schema}.cursor where source = $1 order by consumer, partition`,
      [source],
    );
    const heads = await logOf(source)<{ partition: number; head: number; now: number }>(
      `select partition, position as head, epoch as now from ${pg.escapeIdentifier(source)}.published_head`,
    );
    const behind = new Map<string, number>();
    for (const { consumer, partition, position, epoch } of cursors) {
      const { head = 0, now = 0 } = heads.find((one) => one.partition === partition) ?? {};
      const where = `${service}, ${consumer}, partition ${partition} of ${source}`;
      if (position > head) check.findings.push(`${where}: it has read up to ${position}, the log ends at ${head}`);
      if (epoch > now) check.findings.push(`${where}: its epoch is ${epoch}, that of the log ${now}`);
      behind.set(consumer, (behind.get(consumer) ?? 0) + Math.max(0, head - position));
    }
    for (const [consumer, count] of behind) {
      if (count > 0) check.underway.push(`${service}: ${consumer} has ${count} events of ${source} to read`);
    }
  }
  const letters = await sql<{ status: string; count: number }>(
    `select status, count(*) as count from ${schema}.dead_letter
      where status in ('dead', 'deferred', 'parked') group by status order by status`,
  );
  for (const { status, count } of letters) check.underway.push(`${service}: ${count} dead letters are ${status}`);
}
