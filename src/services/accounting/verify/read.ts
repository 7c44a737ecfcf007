/** What `verify` reads, in pages, so that its memory does not grow with the books. Nothing here is used for booking. */
import type { ControlTotals } from "../../../platform/event.ts";
import type { Sql } from "../../../platform/service.ts";

const PAGE = 5_000;

export type TaskLogEvent = {
  position: number;
  epoch: number;
  id: string;
  type: string;
  period: number | null;
  time: Date;
  control: ControlTotals | null;
  /** Only of what has to be looked into. */
  data: Record<string, unknown> | null;
};

/** Events of a partition of tasks behind a position, in order. */
export async function* taskEvents(sql: Sql, partition: number, after: number): AsyncGenerator<TaskLogEvent> {
  for (let from = after; ; ) {
    const rows = await sql<TaskLogEvent>(
      `select position, epoch, id, type, period, time, control,
              case when type in ('task.updated', 'task.registration-ended') then data end as data
         from tasks.published where partition = $1 and position > $2 order by position limit ${PAGE}`,
      [partition, from],
    );
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    from = last.position;
  }
}

/** The lowest position that the log of a source keeps, 0 when nothing of it was ever dropped. */
export async function logBegins(sql: Sql, source: "tasks" | "accounting"): Promise<number> {
  const [log] = await sql<{ at: number }>(`select min(begins_at) as at from ${source}.published_head`);
  return log?.at ?? 0;
}

/** The barriers of a period, as accounting has met them, by partition. */
export async function loadBarriers(sql: Sql, period: number) {
  const rows = await sql<{ partition: number; position: number; eventId: string; endedAt: Date }>(
    `select partition, position, event_id as "eventId", ended_at as "endedAt" from barrier where period = $1`,
    [period],
  );
  return new Map(rows.map((row) => [row.partition, row]));
}

/** The period of the oldest event that is kept of each partition of tasks. */
export async function oldestPeriods(sql: Sql): Promise<Map<number, number>> {
  const rows = await sql<{ partition: number; period: number }>(
    `select partition, oldest.period from generate_series(0, 15) partition cross join lateral (
       select period from tasks.published p
        where p.partition = partition.partition and p.period is not null order by p.position limit 1) oldest`,
  );
  return new Map(rows.map((row) => [row.partition, row.period]));
}

export type OwnEvent = { position: number; type: string; period: number | null; data: Record<string, unknown> };

/** What accounting has published itself of the given types, in one partition, in order. */
export async function* ownEvents(sql: Sql, partition: number, types: string[]): AsyncGenerator<OwnEvent[]> {
  for (let from = 0; ; ) {
    const rows = await sql<OwnEvent>(
      `select position, type, period, data from accounting.published
        where partition = $1 and position > $2 and type = any($3) order by position limit ${PAGE}`,
      [partition, from, types],
    );
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    from = last.position;
  }
}

export type StoredPosting = {
  source: string;
  epoch: number;
  partition: number;
  position: number;
  leg: number;
  kind: string;
  amount: number;
  debit: number;
  credit: number;
  userId: string;
  taskId: string | null;
  /** Milliseconds since 1970, with a fraction if somebody changed that. */
  occurredAt: number;
  eventId: string;
};

/** A period, and the table that has its postings. */
export type Shelf = { number: number; table: string };

/** The postings of a period from one partition of a source, in the order of positions. */
export async function* storedPostings(
  sql: Sql,
  { number: period, table }: Shelf,
  source: string,
  partition: number,
): AsyncGenerator<StoredPosting> {
  for (let after = [-1, 0, 0]; ; ) {
    const rows = await sql<StoredPosting>(
      `select source, epoch, partition, position, leg, kind, amount_minor as amount, debit_account as debit,
              credit_account as credit, user_id as "userId", task_id as "taskId", event_id as "eventId",
              (extract(epoch from occurred_at) * 1000)::float8 as "occurredAt"
         from ${table}
        where period = $1 and source = $2 and partition = $3
          and (epoch, position, leg) > ($4::int, $5::bigint, $6::smallint)
        order by epoch, position, leg limit ${PAGE}`,
      [period, source, partition, ...after],
    );
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = [last.epoch, last.position, last.leg];
  }
}

/** Rows of a table of one period, by account. */
export async function* byAccount<Row>(sql: Sql, table: "balance" | "statement", period: number): AsyncGenerator<Row> {
  for (let after = -1; ; ) {
    const rows = await sql<{ account_id: number }>(
      `select * from ${table} where period = $1 and account_id > $2 order by account_id limit ${PAGE}`,
      [period, after],
    );
    yield* rows as Row[];
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.account_id;
  }
}

/** All accounts: popug → account id and partition; house account ids by `kind/partition`. */
export async function loadAccounts(sql: Sql) {
  const popugs = new Map<string, { id: number; partition: number }>();
  const owners = new Map<number, string>();
  const houses = new Map<string, number>();
  for (let after = -1; ; ) {
    const rows = await sql<{ id: number; kind: string; partition: number; user_id: string | null }>(
      `select id, kind, partition, user_id from account where id > $1 order by id limit ${PAGE}`,
      [after],
    );
    for (const { id, kind, partition, user_id } of rows) {
      owners.set(id, user_id ?? `${kind}/${partition}`);
      if (user_id === null) houses.set(`${kind}/${partition}`, id);
      else popugs.set(user_id, { id, partition });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return { popugs, owners, houses };
    after = last.id;
  }
}

export type Accounts = Awaited<ReturnType<typeof loadAccounts>>;

/** Events that were not booked when they came: given up or still waiting, or booked with edited data. */
export async function loadLetters(sql: Sql) {
  const rows = await sql<{
    partition: number;
    position: number;
    status: string;
    edited: Record<string, unknown> | null;
    period: number | null;
    /** The event as it came, of those that were given up. */
    givenUp: { type: string; time: string; data: Record<string, unknown> } | null;
  }>(
    `select partition, position, status, edited, period, case when status = 'discarded' then event end as "givenUp"
       from dead_letter
      where consumer = 'on-task' and (status <> 'redriven' or edited is not null)`,
  );
  return new Map(rows.map((row) => [`${row.partition}/${row.position}`, row]));
}

export type Letters = Awaited<ReturnType<typeof loadLetters>>;
