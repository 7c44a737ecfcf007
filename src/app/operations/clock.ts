/** Business time, and moving it forward where that is allowed. */
import pg from "pg";
import { sqlOn } from "../../platform/database.ts";
import { onceByKey } from "../../platform/http/idempotency.ts";
import { Refusal } from "../../platform/refusal.ts";
import type { Actor, Sql } from "../../platform/service.ts";
import type { App } from "../start.ts";

type Clock = { now: string; timeZone: string; demo: boolean };

/** Business time as an ISO 8601 instant, the zone of the business day, and whether the clock can be moved. */
export async function clockOf(app: App, sql: Sql = app.reader): Promise<Clock> {
  const [row] = await sql<{ now: Date; demo: boolean }>(
    "select popug.business_now() as now, demo from popug.installation",
  );
  return { now: row?.now.toISOString() ?? "", timeZone: app.config.settings.timeZone, demo: row?.demo ?? false };
}

/**
 * Moves business time to an instant, or by a number of seconds. The database refuses it outside a demo. The clock belongs
 * to the installation and not to a service, so it is moved with the administrator's rights; the key is kept by auth.
 */
export async function moveClock(
  app: App,
  actor: Actor,
  key: string | undefined,
  move: { to: string | null; bySeconds?: number },
): Promise<Clock> {
  const client = new pg.Client({ ...app.installation.admin, options: "-c search_path=auth" });
  // An error of the connection rejects its query; without a listener it would also end the process.
  client.on("error", () => {});
  await client.connect();
  try {
    const sql = sqlOn(client);
    await sql("begin");
    const moved = await onceByKey({ sql, actor }, key, "moveClock", move, async () => {
      const before = await clockOf(app, sql);
      if (!before.demo) throw new Refusal("conflict", "no-demo", "Only the clock of a demo can be moved.");
      const seconds = move.to === null ? (move.bySeconds ?? 0) : (Date.parse(move.to) - Date.parse(before.now)) / 1_000;
      if (!(seconds >= 0)) throw new Refusal("invalid", "clock-backwards", "The clock only moves forward.");
      await sql("select popug.move_clock(make_interval(secs => $1))", [seconds]);
      return clockOf(app, sql);
    });
    await sql("commit");
    for (const running of app.services.values()) running.wakeJobs();
    return moved;
  } finally {
    await client.end();
  }
}
