/** Hears what was logged and who has left, on one connection per process; comes back by itself after a break. */
import pg from "pg";
import type { Logger } from "pino";
import type { Connection } from "../platform/database.ts";
import { LEFT_CHANNEL } from "../platform/membership.ts";
import { LOG_CHANNEL } from "../platform/sequencer.ts";

const RETRY_MS = 500;
/** Nothing is said for hours where nothing happens; so the server is asked whether it is still there. */
const ASK_EVERY_MS = 5_000;
const ANSWER_WITHIN_MS = 5_000;

/**
 * Calls `onLogged` with the source of each notification, and with null after a break: something may have been missed; `onLeft`
 * with the service that a copy has left. Notifications only make things faster; every loop also looks by itself.
 */
export function listen(
  connection: Connection,
  { onLogged, onLeft }: { onLogged: (source: string | null) => void; onLeft: (service: string) => void },
  log: Logger,
): { stop: () => Promise<void> } {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const connect = async () => {
    const next = new pg.Client({
      ...{ ...connection, application_name: "popug listen", keepAlive: true },
      ...{ connectionTimeoutMillis: ANSWER_WITHIN_MS, query_timeout: ANSWER_WITHIN_MS },
    });
    client = next;
    const lost = (error?: Error) => {
      if (client !== next || stopped) return;
      clearTimeout(timer);
      client = undefined;
      if (error) log.warn({ err: error }, "the listening connection broke");
      timer = setTimeout(() => void connect(), RETRY_MS);
    };
    const askAgain = () => {
      if (client === next && !stopped) timer = setTimeout(() => void ask(), ASK_EVERY_MS);
    };
    const ask = async () => {
      try {
        await next.query("select 1");
        askAgain();
      } catch (error) {
        lost(error as Error);
        await next.end().catch(() => {});
      }
    };
    next.on("error", lost);
    next.on("end", () => lost());
    next.on("notification", ({ channel, payload = "" }) => (channel === LEFT_CHANNEL ? onLeft : onLogged)(payload));
    try {
      await next.connect();
      await next.query(`listen ${LOG_CHANNEL}; listen ${LEFT_CHANNEL}`);
      onLogged(null);
      askAgain();
    } catch (error) {
      lost(error as Error);
      await next.end().catch(() => {});
    }
  };
  void connect();

  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}
