/** Business time, and moving it forward where that is allowed. */
import pg from "pg";
import { Refusal } from "../../platform/refusal.ts";
import type { App } from "../start.ts";

/** Business time as an ISO 8601 instant, the zone of the business day, and whether the clock can be moved. */
export async function clockOf(app: App): Promise<{ now: string; timeZone: string; demo: boolean }> {
  const [row] = await app.reader<{ now: Date; demo: boolean }>(
    "select popug.business_now() as now, demo from popug.installation",
  );
  return { now: row?.now.toISOString() ?? "", timeZone: app.config.settings.timeZone, demo: row?.demo ?? false };
}

/** Moves business time to an instant, or by a number of seconds. The database refuses it outside a demo. */
export async function moveClock(app: App, move: { to: string | null; bySeconds?: number }) {
  const before = await clockOf(app);
  if (!before.demo) throw new Refusal("conflict", "no-demo", "Only the clock of a demo can be moved.");
  const seconds = move.to === null ? (move.bySeconds ?? 0) : (Date.parse(move.to) - Date.parse(before.now)) / 1_000;
  if (!(seconds >= 0)) throw new Refusal("invalid", "clock-backwards", "The clock only moves forward.");
  const client = new pg.Client(app.installation.admin);
  // An error of the connection rejects its query; without a listener it would also end the process.
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query("select popug.move_clock(make_interval(secs => $1))", [seconds]);
  } finally {
    await client.end();
  }
  for (const running of app.services.values()) running.wakeJobs();
  return clockOf(app);
}
