/** Business time, and moving it forward where that is allowed. */
import { openClient, sqlOn } from "../../platform/database.ts";
import { onceByKey } from "../../platform/http/idempotency.ts";
import type { Installation } from "../../platform/migrate.ts";
import { Refusal } from "../../platform/refusal.ts";
import type { Actor, Sql } from "../../platform/service.ts";
import type { App } from "../start.ts";

type Clock = { now: string; demo: boolean };

/** Business time as an ISO 8601 instant, and whether the clock can be moved. */
export async function clockOf(app: App, sql: Sql = app.readerOf("auth")): Promise<Clock> {
  const [row] = await sql<{ now: Date; demo: boolean }>(
    "select popug.business_now() as now, demo from popug.installation",
  );
  return { now: row?.now.toISOString() ?? "", demo: row?.demo ?? false };
}

/**
 * Moves business time to an instant, or by a number of seconds. The database refuses it outside a demo. The clock belongs
 * to the installation and not to a service, so it is moved with the administrator's rights, in every database that it has;
 * the key is kept by auth.
 */
export async function moveClock(
  app: App,
  actor: Actor,
  key: string | undefined,
  move: { to: string | null; bySeconds?: number },
): Promise<Clock> {
  const auth = app.homes.of("auth");
  const moved = await asAdmin(auth.installation, async (sql) => {
    await sql("begin");
    const clock = await onceByKey({ sql, actor }, key, "moveClock", move, async () => {
      const before = await clockOf(app, sql);
      if (!before.demo) throw new Refusal("conflict", "no-demo", "Only the clock of a demo can be moved.");
      const seconds = move.to === null ? (move.bySeconds ?? 0) : (Date.parse(move.to) - Date.parse(before.now)) / 1_000;
      if (!(seconds >= 0)) throw new Refusal("invalid", "clock-backwards", "The clock only moves forward.");
      await sql("select popug.move_clock(make_interval(secs => $1))", [seconds]);
      const [ahead] = await sql("select clock_ahead::text as is from popug.installation");
      // The others first: a repetition after a failure finds them where they have to be.
      for (const { installation } of app.homes.all.filter((home) => home !== auth)) {
        await asAdmin(installation, (other) =>
          other("select popug.move_clock($1::interval - clock_ahead) from popug.installation where clock_ahead < $1", [
            ahead?.["is"],
          ]),
        );
      }
      return clockOf(app, sql);
    });
    await sql("commit");
    return clock;
  });
  for (const running of app.services.values()) running.wakeJobs();
  return moved;
}

async function asAdmin<T>({ admin }: Installation, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await openClient(admin, "auth");
  try {
    return await work(sqlOn(client));
  } finally {
    await client.end();
  }
}
