/**
 * Rebuilds what a service knows from the logs: its consumers read everything from position 1 into new tables, which then take
 * the place of the old ones. Only for services that do nothing but listen: their state is a fold of the logs, and nothing
 * goes out while it is made a second time.
 *
 * The service may be at work meanwhile. State and cursors change places in one transaction, so it goes on behind the last
 * event of the new state; the compare-and-set on its cursors fences what it had in its hands.
 */
import type { Logger } from "pino";
import pg from "pg";
import type { EventContract } from "./contract.ts";
import { openPool, sqlOn } from "./database.ts";
import type { OpenLog } from "./log.ts";
import { connectionOf, foldersOf, grantOwnSchema, type Installation, machinery, migrateSchema } from "./migrate.ts";
import { LocalRefusal } from "./refusal.ts";
import { type RunningService, runService } from "./run-service.ts";
import type { Service, Sql } from "./service.ts";

/** Whoever holds it needs the logs as they are; their shortening takes it, too. */
export const REBUILD_LOCK = 7_070_708;
/** A round that moved fewer events has left none of the partitions in the middle of its portion. */
const CAUGHT_UP = 16;
/** Of the machinery, what belongs to the state; the rest belongs to the service as a source. */
const stateful = ["cursor", "dead_letter"];

export type Rebuild = {
  log: Logger;
  contracts: readonly EventContract[];
  openLog: OpenLog;
  /** Told after each round how many events are in the new state, and how many the logs had in the beginning. */
  onProgress: (done: number, total: number) => void;
};

/** Whether a service can be rebuilt: whatever it does is in its tables. */
export const isProjection = (service: Service): boolean => service.publishes.length === 0 && service.jobs.length === 0;

/**
 * @returns how many events the new state holds
 * @throws Refusal when people decided about dead letters of it (a decision is in no log), when a log that it reads does not
 * begin with its first event any more, or while another rebuild runs
 */
export async function rebuild(installation: Installation, service: Service, options: Rebuild): Promise<number> {
  const pool = openPool(installation.admin, { schema: "popug", size: 1, name: "rebuild", onError: () => {} });
  const client = await pool.connect();
  const sql = sqlOn(client);
  const next = `${service.name}_next`;
  try {
    const [lock] = await sql<{ mine: boolean }>("select pg_try_advisory_lock($1) as mine", [REBUILD_LOCK]);
    if (lock?.mine !== true) throw new LocalRefusal("conflict", "rebuild-runs", "A rebuild is at work already.");
    await assertNothingDecided(sql, service.name);
    const total = await sizeOfLogs(sql, service, options.openLog);
    const tables = await makeTables(client, installation, service, next);
    const fresh = runService(service, {
      connection: connectionOf(installation, service.name),
      poolSize: 2,
      log: options.log,
      contracts: options.contracts,
      openLog: options.openLog,
      schema: next,
    });
    let done: number;
    try {
      done = await readLogs(fresh, total, options.onProgress);
    } finally {
      await fresh.stop();
    }
    await swap(client, service.name, next, tables);
    await sql(`drop schema ${next} cascade`);
    return done;
  } finally {
    client.release(true);
    await pool.end();
  }
}

async function assertNothingDecided(sql: Sql, schema: string): Promise<void> {
  const [decided] = await sql<{ count: number }>(
    `select count(*) from ${schema}.dead_letter where edited is not null or status = 'discarded'`,
  );
  if (decided?.count !== 0) {
    throw new LocalRefusal(
      "conflict",
      "rebuild-would-forget",
      `People mended or discarded ${decided?.count} dead letters of ${schema}; a rebuild would forget that.`,
    );
  }
}

/** How many events there are to read. @throws Refusal when a log does not begin with its first event */
async function sizeOfLogs(sql: Sql, service: Service, openLog: OpenLog): Promise<number> {
  let total = 0;
  for (const { source, fromState } of service.consumers) {
    for (const { position, beginsAt } of await openLog(source, sql).heads()) {
      if (beginsAt > 0 && fromState !== true) {
        throw new LocalRefusal(
          "conflict",
          "log-shortened",
          `The log of ${source} begins at position ${beginsAt}; a rebuild needs it from its first event on.`,
        );
      }
      total += position;
    }
  }
  return total;
}

/** Makes the schema anew, whatever a broken rebuild left of it; returns the tables that hold state. */
async function makeTables(
  client: pg.ClientBase,
  installation: Installation,
  service: Service,
  next: string,
): Promise<string[]> {
  const sql = sqlOn(client);
  const role = `${installation.rolePrefix}_${service.name}`;
  const plan = { schema: next, owner: `${installation.rolePrefix}_owner`, role };
  const run = (text: string) => client.query(text);
  await sql(`drop schema if exists ${next} cascade`);
  await migrateSchema(sql, run, { ...plan, folders: [machinery] });
  const ofTheSource = (await tablesIn(sql, next)).filter((table) => !stateful.includes(table));
  await migrateSchema(sql, run, { ...plan, folders: foldersOf(service) });
  await grantOwnSchema(sql, next, role);
  return (await tablesIn(sql, next)).filter((table) => !ofTheSource.includes(table));
}

async function tablesIn(sql: Sql, schema: string): Promise<string[]> {
  const rows = await sql<{ table: string }>(
    `select c.relname as table from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind in ('r', 'p') order by 1`,
    [schema],
  );
  return rows.map((row) => row.table);
}

async function readLogs(fresh: RunningService, total: number, onProgress: Rebuild["onProgress"]): Promise<number> {
  const passes = [...fresh.parts].filter(([name]) => name.startsWith("consumer:")).map(([, pass]) => pass);
  let done = 0;
  for (let moved = CAUGHT_UP; moved >= CAUGHT_UP; ) {
    moved = 0;
    for (const pass of passes) moved += await pass();
    done += moved;
    onProgress(done, total);
  }
  return done;
}

/** Old and new tables change places, in one transaction that waits for whoever is using the old ones. */
async function swap(client: pg.ClientBase, schema: string, next: string, tables: readonly string[]): Promise<void> {
  const sql = sqlOn(client);
  await sql("begin");
  try {
    // Cursors first, as the consumers do, so that nobody is met halfway.
    const inOrder = ["cursor", ...tables.filter((table) => table !== "cursor")];
    for (const table of inOrder)
      await sql(`lock table ${schema}.${pg.escapeIdentifier(table)} in access exclusive mode`);
    await assertNothingDecided(sql, schema);
    await assertSameShape(sql, schema, next);
    await sql(`create schema ${next}_old`);
    for (const table of inOrder) {
      const name = pg.escapeIdentifier(table);
      await sql(`alter table ${schema}.${name} set schema ${next}_old`);
      await sql(`alter table ${next}.${name} set schema ${schema}`);
    }
    await sql(`drop schema ${next}_old cascade`);
    await sql("commit");
  } catch (error) {
    await sql("rollback");
    throw error;
  }
}

/** A newer version may have migrated the service meanwhile; and a trigger's function would stay behind. */
async function assertSameShape(sql: Sql, schema: string, next: string): Promise<void> {
  const [other] = await sql<{ migrations: number; triggers: number }>(
    `select (select count(*) from ${schema}.migration full join ${next}.migration using (name, checksum)
              where ${schema}.migration.at is null or ${next}.migration.at is null) as migrations,
            (select count(*) from pg_trigger t join pg_class c on c.oid = t.tgrelid
              where not t.tgisinternal and c.relnamespace = $1::regnamespace) as triggers`,
    [next],
  );
  if (other?.migrations !== 0) throw new Error(`${schema} was migrated while it was rebuilt; begin again`);
  if (other.triggers !== 0) throw new Error(`${schema} has triggers, whose functions a rebuild would leave behind`);
}
