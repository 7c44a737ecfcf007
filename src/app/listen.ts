/** Hears what was logged, on one connection per process; comes back by itself after a break. */
import pg from "pg";
import type { Logger } from "pino";
import type { Connection } from "../platform/database.ts";
import { LOG_CHANNEL } from "../platform/sequencer.ts";

const RETRY_MS = 500;

/**
 * Calls `onLogged` with the source of each notification, and with null after a break: something may have been missed.
 * Notifications only make things faster; every loop also looks by itself.
 */
export function listen(
  connection: Connection,
  onLogged: (source: string | null) => void,
  log: Logger,
): { stop: () => Promise<void> } {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const connect = async () => {
    const next = new pg.Client({ ...connection, application_name: "popug listen", keepAlive: true });
    client = next;
    const lost = (error?: Error) => {
      if (client !== next || stopped) return;
      client = undefined;
      if (error) log.warn({ err: error }, "the listening connection broke");
      timer = setTimeout(() => void connect(), RETRY_MS);
    };
    next.on("error", lost);
    next.on("end", () => lost());
    next.on("notification", (message) => onLogged(message.payload ?? null));
    try {
      await next.connect();
      await next.query(`listen ${LOG_CHANNEL}`);
      onLogged(null);
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
