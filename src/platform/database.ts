/** Connections to PostgreSQL: one pool per service, under the service's own role; types as the code wants them. */
import pg from "pg";
import { arrayLiteral } from "./array-literal.ts";
import type { Sql } from "./service.ts";

/** Where a database is and as whom one comes. */
export type Connection = {
  host: string;
  port: number;
  database: string;
  user: string;
  password?: string;
  ssl?: pg.ClientConfig["ssl"];
};

/** Who has not answered after this long will not: behind a firewall that forgot the connection, say. More than a statement may take. */
export const ANSWER_WITHIN_MS = 35_000;

/**
 * Limits of every connection of a service; a statement that needs longer sets its own, locally. Who falls silent in a
 * transaction (its machine is gone, its process paused) holds locks until the server ends it: sooner than who waits for
 * them gives up. Nothing of ours thinks there for longer than a password in its queue, half a second on a quiet core.
 */
const silence = "-c idle_in_transaction_session_timeout=10000";
const limits = `-c statement_timeout=30000 ${silence} -c lock_timeout=15000`;

const parsers = new Map<number, (text: string) => unknown>([
  [20, safeInteger], // int8
  [1082, (text) => text], // date: a calendar day, not an instant
]);
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    (format !== "binary" && parsers.get(oid)) || pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** A sum that does not fit must stop the work; a rounded one would be wrong money. */
function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`integer out of range: ${text}`);
  return value;
}

/**
 * Opens the pool of a role. Names resolve in `schema`. Errors of idle connections are reported, never thrown.
 * @param options.answerWithinMs a statement without an answer fails after this long; where not given, it waits
 */
export function openPool(
  connection: Connection,
  options: { schema: string; size: number; name: string; onError: (error: Error) => void; answerWithinMs?: number },
): pg.Pool {
  const pool = new pg.Pool({
    ...connection,
    max: options.size,
    types,
    application_name: `popug ${options.name}`,
    // A server that vanished without a word is noticed.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
    query_timeout: options.answerWithinMs,
    idleTimeoutMillis: 30_000,
    options: `-c search_path=${options.schema} ${limits}`,
  });
  pool.on("error", (error) => {
    // The driver hangs the whole connection on the error; a line in the log needs none of it.
    Reflect.deleteProperty(error, "client");
    // A server that stops while we do ends the connections that we are just closing.
    if (!pool.ending) options.onError(error);
  });
  // An error on a connection that is checked out rejects its query; without a listener it would also end the process.
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/**
 * One connection by itself, for work that may take its time (a migration, say); the caller ends it. Who falls silent in a
 * transaction is ended as everywhere. Throws when the server cannot be reached.
 */
export async function openClient(connection: Connection, schema = "public"): Promise<pg.Client> {
  const client = new pg.Client({
    ...connection,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    options: `-c search_path=${schema} ${silence}`,
  });
  // An error of the connection rejects its query; without a listener it would also end the process.
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
  return client;
}

/** Statements are prepared once per connection; the texts are constants of the code, so their number is bounded. */
const statementNames = new Map<string, string>();
const MAX_PREPARED = 1_000;

function statementName(text: string): string | undefined {
  let name = statementNames.get(text);
  if (name === undefined && statementNames.size < MAX_PREPARED) {
    name = `s${statementNames.size}`;
    statementNames.set(text, name);
  }
  return name;
}

/** `Sql` on a pool (each statement by itself) or on one connection (inside its transaction). */
export function sqlOn(client: pg.Pool | pg.ClientBase): Sql {
  return async <Row>(text: string, params: readonly unknown[] = []) => {
    const name = statementName(text);
    const values = params.map((param) => (Array.isArray(param) ? (arrayLiteral(param) ?? param) : param));
    const result = await client.query({ ...(name !== undefined && { name }), text, values });
    return result.rows as Row[];
  };
}

/**
 * True for errors that say nothing against the work itself: the connection broke, the server restarts, is full,
 * busy or a standby, or two transactions were in each other's way. The same work may go through later.
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (/^(08|53|57|58)...$/.test(code) || ["40001", "40P01", "55P03", "25P03", "25006"].includes(code)) return true;
  if (/^E(CONNRESET|CONNREFUSED|PIPE|TIMEDOUT|NOENT|AI_AGAIN|HOSTUNREACH)$/.test(code) && "syscall" in error)
    return true;
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|connection is closed|not queryable|Query read timeout/i.test(
    error.message,
  );
}
