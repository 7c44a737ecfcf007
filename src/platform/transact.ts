/** The one way in which a service changes anything: state and outbox in one transaction. */
import type pg from "pg";
import type { EventContract } from "./contract.ts";
import { isTransient, sqlOn } from "./database.ts";
import { createOutbox, type Origin } from "./outbox.ts";
import { type Ctx, DoFirst, type JobTools, type Sql } from "./service.ts";

/** How often a transaction is begun again because others were in its way, or something had to be done first. */
const MAX_TRIES = 5;

export type Transact = <T>(origin: Origin, work: (ctx: Ctx) => Promise<T>) => Promise<T>;

type Parts = {
  service: string;
  pool: pg.Pool;
  publishes: ReadonlySet<EventContract>;
  /** Called after each commit that wrote events. */
  onEmitted: () => void;
  /** For the remedies of `DoFirst`. */
  tools: () => JobTools;
};

/**
 * Makes the transaction runner of a service. READ COMMITTED; begun again (with new ids for its events) after a
 * serialization failure, a deadlock or `DoFirst`, at most five times. An error during COMMIT is passed on as it is: the
 * outcome is unknown, and only the caller's key (idempotency key, cursor) can tell.
 */
export function createTransact(parts: Parts): Transact {
  return async (origin, work) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(parts, origin, work);
      } catch (error) {
        if (attempt >= MAX_TRIES) throw error;
        if (error instanceof DoFirst) await error.remedy(parts.tools());
        else if (!isConflict(error)) throw error;
      }
    }
  };
}

function isConflict(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "40001" || error.code === "40P01");
}

async function once<T>(parts: Parts, origin: Origin, work: (ctx: Ctx) => Promise<T>): Promise<T> {
  const client = await parts.pool.connect();
  let broken = false;
  let ended = false;
  try {
    const begun = (await client.query("begin; select popug.business_now() as now")) as unknown as pg.QueryResult[];
    const now = begun[1]?.rows[0].now as Date;
    const onClient = sqlOn(client);
    // A statement that nobody waited for would otherwise run in the next transaction of this connection.
    const sql: Sql = async (text, params) => {
      if (ended) throw new Error("a statement came after the end of its transaction");
      return onClient(text, params);
    };
    const outbox = createOutbox(parts.service, parts.publishes, origin);
    const result = await work({ sql, emit: outbox.emit, now });
    ended = true;
    const emitted = await outbox.flush(onClient, now);
    const done = await client.query("commit");
    // COMMIT of a failed transaction answers ROLLBACK without an error: a swallowed error must not pass for success.
    if (done.command !== "COMMIT") throw new Error("the transaction had failed before its commit");
    if (emitted > 0) parts.onEmitted();
    return result;
  } catch (error) {
    ended = true;
    broken = isTransient(error);
    if (!broken) await client.query("rollback").catch(() => (broken = true));
    throw error;
  } finally {
    client.release(broken);
  }
}
