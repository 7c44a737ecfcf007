/** SQL of dead letters of which nobody was told yet. */
import type { Sql } from "./service.ts";

/** Told at once; what is beyond them is told with the next ones. */
const MAX_LETTERS = 100_000;

/** Letters that somebody has to decide about and that nobody was told of. */
export async function untoldLetters(sql: Sql): Promise<string[]> {
  const rows = await sql<{ id: string }>(
    "select id from dead_letter where status = 'dead' and told_at is null order by id limit $1",
    [MAX_LETTERS],
  );
  return rows.map(({ id }) => id);
}

/** Somebody was told of these letters, whatever became of them meanwhile. */
export async function markTold(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql("update dead_letter set told_at = clock_timestamp() where id = any ($1::uuid[])", [ids]);
}

/** What waits: events of a type that a consumer could not apply. */
export type OpenLetters = {
  consumer: string;
  type: string;
  /** Those that somebody has to decide about … */
  dead: number;
  /** … and those that wait behind them, or for something that is not there yet. */
  waiting: number;
  /** Real time. */
  oldest: Date;
};

/** All that waits, by consumer and type. */
export async function openLetters(sql: Sql): Promise<OpenLetters[]> {
  return await sql<OpenLetters>(
    `select consumer, type, count(*) filter (where status = 'dead') as dead,
            count(*) filter (where status <> 'dead') as waiting, min(created_at) as oldest
       from dead_letter where status in ('dead', 'deferred', 'parked') group by consumer, type order by consumer, type`,
  );
}
