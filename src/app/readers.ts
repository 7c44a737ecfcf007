/** Reading logs where they are: one read-only pool for each database, for operators and for services that live elsewhere. */
import type { Logger } from "pino";
import { ANSWER_WITHIN_MS, openPool, sqlOn } from "../platform/database.ts";
import { type OpenLog, postgresLog } from "../platform/log.ts";
import { connectionOf, READER } from "../platform/migrate.ts";
import type { Sql } from "../platform/service.ts";
import type { Home, Homes } from "./homes.ts";

export type Readers = {
  /** Reads the log of a source, and of all that live with it, and nothing else. */
  of: (source: string) => Sql;
  /** How a service reads logs: in its own database as itself, elsewhere as the reader. */
  logsFor: (service: string) => OpenLog;
  stop: () => Promise<unknown>;
};

/** Connects when it is first asked. `traced`: rows say since when they can be read. */
export function openReaders(homes: Homes, log: Logger, traced = false): Readers {
  const pools = new Map<Home, ReturnType<typeof openPool>>();
  for (const home of homes.all) {
    const onError = (error: Error) => log.warn({ err: error }, "an idle database connection broke");
    pools.set(
      home,
      openPool(connectionOf(home.installation, READER), {
        ...{ schema: "popug", size: 5, name: READER, onError, answerWithinMs: ANSWER_WITHIN_MS },
      }),
    );
  }
  const sqls = new Map([...pools].map(([home, pool]) => [home, sqlOn(pool)]));
  const of = (source: string) => sqls.get(homes.of(source)) as Sql;
  return {
    of,
    logsFor: (service) => (source, own) =>
      postgresLog(homes.of(source) === homes.of(service) ? own : of(source), source, { traced }),
    stop: () => Promise.all([...pools.values()].map((pool) => pool.end())),
  };
}
