/** Whether a company of several processes has anything left to do, seen from its databases. */
import type { Sql } from "../../src/platform/service.ts";

const SERVICES = ["auth", "tasks", "accounting", "analytics", "notifications"];

/** Those that the books come from. */
export const OF_THE_BOOKS = ["auth", "tasks", "accounting"];

/** What is still under way, in words; empty: nothing. `ownerOf`: the database of a service; `services`: those that count. */
export async function leftToDo(
  ownerOf: (service: string) => Sql,
  services: readonly string[] = SERVICES,
): Promise<string[]> {
  const left: string[] = [];
  const count = async (service: string, what: string, query: string, params: unknown[] = []) => {
    const [row] = await ownerOf(service)<{ n: number }>(`select count(*) as n from ${query}`, params);
    if (row !== undefined && row.n > 0) left.push(`${what}: ${row.n}`);
  };
  const heads = new Map<string, Map<number, number>>();
  for (const service of services) {
    await count(service, `outbox of ${service}`, `${service}.outbox`);
    const rows = await ownerOf(service)<{ partition: number; position: number }>(
      `select partition, position from ${service}.log_head`,
    );
    heads.set(service, new Map(rows.map((row) => [row.partition, row.position])));
  }
  for (const service of services) {
    const cursors = await ownerOf(service)<{ consumer: string; source: string; partition: number; position: number }>(
      `select consumer, source, partition, position from ${service}.cursor`,
    );
    for (const { consumer, source, partition, position } of cursors) {
      const head = heads.get(source)?.get(partition) ?? 0;
      if (position < head) left.push(`${service} ${consumer} ${source}/${partition}: ${head - position}`);
    }
  }
  await count("tasks", "periods that are due", "tasks.registration where ends_at <= popug.business_now()");
  await count("tasks", "shuffles", "tasks.shuffle where finished_at is null");
  const [open] = await ownerOf("tasks")<{ period: number }>("select period from tasks.registration");
  await count(
    "accounting",
    "periods to be known",
    "generate_series(1, $1::int) n where not exists (select from accounting.period p where p.number = n)",
    [open?.period ?? 0],
  );
  await count("accounting", "periods to be closed", "accounting.period where number < $1 and closed_at is null", [
    open?.period ?? 0,
  ]);
  await count(
    "accounting",
    "closes to be checked",
    "accounting.closing c where not exists (select from accounting.close_check k where k.period = c.period)",
  );
  if (!services.includes("notifications")) return left;
  const closed = await ownerOf("accounting")<{ period: number }>("select period from accounting.closing");
  await count(
    "notifications",
    "periods to be mailed",
    "unnest($1::int[]) as c (period) where not exists (select from notifications.mail m where m.period = c.period)",
    [closed.map(({ period }) => period)],
  );
  await count("notifications", "mails", "notifications.mail where status in ('queued', 'sending')");
  return left;
}
