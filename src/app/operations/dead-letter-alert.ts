/**
 * Tells admins by mail that events wait for their decision. Each service has its dead letters in its own schema, and says
 * nothing of them to the others; only the composition sees all of them, where people come in: for the routes of operations,
 * for `/metrics`, and for this. It asks each service as that service, and hands notifications nothing but the sums, which
 * decides whether a mail is due. So no schema is crossed, and no service has to publish events about its own troubles.
 *
 * A letter is marked as told after the mail is queued, in another database perhaps: a crash in between tells it once more, an
 * hour later at the earliest; none is ever left out.
 */
import type { Logger } from "pino";
import { type Loop, startLoop } from "../../platform/loop.ts";
import type { RunningService } from "../../platform/run-service.ts";
import { markTold, openLetters, untoldLetters } from "../../platform/untold-letters.ts";
import { queueDeadLetterMails } from "../../services/notifications/dead-letter-mails.ts";

/** Somebody has to look at it, and nobody does within seconds. */
const POLL_MS = 30_000;

/** Looks again and again. */
export function watchDeadLetters(services: ReadonlyMap<string, RunningService>, log: Logger): Loop {
  const pass = async () => {
    await tellOfDeadLetters(services);
    // What is told is told; what was not has to wait anyway.
    return 0;
  };
  return startLoop("dead-letter-alert", pass, { pollMs: POLL_MS, restMs: 0 }, log);
}

/** Tells of the letters that nobody was told of, unless something was told within the hour. Returns how many those are. */
export async function tellOfDeadLetters(services: ReadonlyMap<string, RunningService>): Promise<number> {
  const notifications = services.get("notifications");
  if (notifications === undefined) return 0;
  const all = [...services.values()];
  const untold = await Promise.all(all.map(async ({ sql }) => ({ sql, ids: await untoldLetters(sql) })));
  const count = untold.reduce((sum, { ids }) => sum + ids.length, 0);
  if (count === 0) return 0;
  const open = await Promise.all(
    all.map(async ({ service, sql }) =>
      (await openLetters(sql)).map((letters) => ({ ...letters, service: service.name })),
    ),
  );
  const isTold = await notifications.tools.transact("send.dead-letters", "system:dead-letters", (ctx) =>
    queueDeadLetterMails(ctx, open.flat()),
  );
  if (!isTold) return 0;
  for (const { sql, ids } of untold) if (ids.length > 0) await markTold(sql, ids);
  return count;
}
