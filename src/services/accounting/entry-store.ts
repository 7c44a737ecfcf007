/** SQL of the audit log. */
import type { Sql } from "../../platform/service.ts";
import type { EntryKey } from "./entry.ts";
import type { EntryKind } from "./ledger.ts";
import { secondOf } from "./posting-store.ts";
import { newestPeriod, type PeriodRange, periodsOf } from "./period-store.ts";

export type EntryRow = EntryKey & {
  kind: EntryKind;
  /** Above zero, as posted. */
  amountMinor: number;
  debitAccount: number;
  creditAccount: number;
  /** `popug` or the kind of a house account. */
  debitKind: string;
  creditKind: string;
  userId: string;
  userName: string;
  taskId: string | null;
  title: string | null;
  jiraId: string | null;
  occurredAt: Date;
  eventId: string;
  /** The fee that it gives back, because its task was cancelled. */
  reverses: string | null;
  label: string;
  currency: string;
  /** Of a line that gives a payout back: that payout, its place in its period, and why. */
  returned: Returned | null;
};

type Returned = { period: number; label: string; position: number; reason: string };

const COLUMNS = `e.period, e.source, e.epoch, e.partition, e.position, e.leg, e.kind, e.amount_minor as "amountMinor",
  e.debit_account as "debitAccount", e.credit_account as "creditAccount",
  (select kind from account where id = e.debit_account) as "debitKind",
  (select kind from account where id = e.credit_account) as "creditKind",
  e.user_id as "userId", coalesce(u.name, '') as "userName", e.task_id as "taskId", t.title, t.jira_id as "jiraId",
  e.occurred_at as "occurredAt", e.event_id as "eventId", p.label, p.currency,
  case when e.kind = 'fee-reversal' and e.source = 'tasks' then (
    select entry_id from fee_return r
     where r.period = e.period and r.epoch = e.epoch and r.partition = e.partition and r.position = e.position) end as reverses`;
const NAMES = `join period p on p.number = e.period left join task t on t.task_id = e.task_id
  left join person u on u.user_id = e.user_id`;

export type EntryFilter = { userId?: string; day?: string; period?: number; kind?: EntryKind };
/** Sort key of an entry: newest first, and in the end by its place. `occurredAt` in ISO form. */
export type EntryPlace = {
  period: number;
  occurredAt: string;
  partition: number;
  position: number;
  leg: number;
  source: string;
  epoch: number;
};

/**
 * Entries, newest first. Without a day or a period they are looked for in the newest period, then in the four before it, and
 * so on: whoever reads the newest lines reads no old partition, and whoever has none for long needs few statements.
 */
export async function listEntryRows(
  sql: Sql,
  filter: EntryFilter,
  after: EntryPlace | null,
  limit: number,
): Promise<EntryRow[]> {
  const { period, day } = filter;
  if (period !== undefined || day !== undefined) {
    const ofDay = day === undefined ? undefined : await periodsOf(sql, day);
    const first = Math.max(period ?? 1, ofDay?.first ?? 1);
    const last = Math.min(period ?? ofDay?.last ?? first, ofDay?.last ?? period ?? first);
    return await entriesWithin(sql, filter, { first, last }, after, limit);
  }
  const rows: EntryRow[] = [];
  let last = after?.period ?? (await newestPeriod(sql))?.number ?? 0;
  for (let width = 1; rows.length < limit && last >= 1; width *= 4) {
    const range = { first: Math.max(last - width + 1, 1), last };
    rows.push(...(await entriesWithin(sql, filter, range, after, limit - rows.length)));
    last = range.first - 1;
  }
  return rows;
}

/** The text depends on which filters are given, so that each form has a plan that fits it. */
async function entriesWithin(
  sql: Sql,
  filter: EntryFilter,
  range: PeriodRange,
  after: EntryPlace | null,
  limit: number,
): Promise<EntryRow[]> {
  // Everybody's lines are walked by the index of their seconds. Somebody's are sorted: to walk everybody's for them could take
  // as long as there are lines, and what does not say "second" cannot be walked by it.
  const ofAll = filter.userId === undefined;
  const params: unknown[] = [limit, range.first, range.last];
  const conditions: string[] = [];
  const where = (condition: (placeholder: string) => string, value: unknown) => {
    params.push(value);
    conditions.push(condition(`$${params.length}`));
  };
  if (filter.userId !== undefined) where((p) => `e.user_id = ${p}::uuid`, filter.userId);
  if (filter.kind !== undefined) where((p) => `e.kind = ${p}`, filter.kind);
  if (after !== null) {
    const { period, occurredAt, partition, position, leg, source, epoch } = after;
    const first = params.length + 1;
    params.push(period, occurredAt, partition, position, leg, source, epoch);
    const [ofPeriod, at, ...rest] = ["int", "timestamptz", "smallint", "bigint", "smallint", "text", "int"].map(
      (type, i) => `$${first + i}::${type}`,
    );
    if (ofAll) {
      conditions.push(`(e.period, ${secondOf("e.occurred_at")}) <= (${ofPeriod}, ${secondOf(at ?? "")})`);
    }
    // The period apart: of a row that begins with it the planner expects that nothing is smaller, and reads everything.
    conditions.push(
      `(e.period < ${ofPeriod} or (e.period = ${ofPeriod} and
        (e.occurred_at, e.partition, e.position, e.leg, e.source::text, e.epoch) < (${[at, ...rest].join(", ")})))`,
    );
  }
  const newestFirst = `e.period desc, ${ofAll ? `${secondOf("e.occurred_at")} desc, ` : ""}e.occurred_at desc, e.partition desc,
      e.position desc, e.leg desc, e.source::text desc, e.epoch desc`;
  const rows = await sql<Line>(
    `with found as materialized (
       select e.* from posting e where ${["e.period between $2 and $3", ...conditions].join(" and ")}
        order by ${newestFirst} limit $1)
     select ${COLUMNS} from found e ${NAMES} order by ${newestFirst}`,
    params,
  );
  return await withReturned(sql, rows);
}

/** One line of the books by its key; undefined when there is none. */
export async function findEntry(sql: Sql, key: EntryKey): Promise<EntryRow | undefined> {
  const rows = await sql<Line>(
    `select ${COLUMNS} from posting e ${NAMES}
      where e.period = $1 and e.source::text = $2 and e.epoch = $3 and e.partition = $4 and e.position = $5 and e.leg = $6`,
    [key.period, key.source, key.epoch, key.partition, key.position, key.leg],
  );
  return (await withReturned(sql, rows))[0];
}

type Line = Omit<EntryRow, "returned">;

/** Which payouts came back with these lines; looked up only where there are such lines. */
async function withReturned(sql: Sql, rows: readonly Line[]): Promise<EntryRow[]> {
  const returns = rows.filter(({ kind }) => kind === "payout-return");
  if (returns.length === 0) return rows.map((row) => ({ ...row, returned: null }));
  const steps = await sql<Returned & { into: number; number: number }>(
    `select s.period as into, s.position as number, s.payout_period as period, q.label, p.payout_position as position, s.reason
       from payout_step s join period q on q.number = s.payout_period
       join statement p on p.period = s.payout_period and p.user_id = s.user_id
       join unnest($1::int[], $2::bigint[]) as r (period, position) on r.period = s.period and r.position = s.position`,
    [returns.map(({ period }) => period), returns.map(({ position }) => position)],
  );
  const returned = new Map<string, Returned>();
  for (const { into, number, ...payout } of steps) returned.set(`${into}/${number}`, payout);
  return rows.map((row) => ({
    ...row,
    returned: row.kind === "payout-return" ? (returned.get(`${row.period}/${row.position}`) ?? null) : null,
  }));
}

/** Where in the log of tasks the end of a period stands in a partition: what a payout goes back to. */
export async function findBarrierPosition(sql: Sql, period: number, partition: number): Promise<number | undefined> {
  const rows = await sql<{ position: number }>("select position from barrier where period = $1 and partition = $2", [
    period,
    partition,
  ]);
  return rows[0]?.position;
}

/** The data by which a dead letter was replaced before it was booked, and by whom; undefined when it was booked as it came. */
export async function findEdit(sql: Sql, key: EntryKey): Promise<{ by: string | null; data: unknown } | undefined> {
  const rows = await sql<{ by: string | null; data: unknown }>(
    `select edited_by as by, edited as data from dead_letter
      where consumer = 'on-task' and source = $1 and epoch = $2 and partition = $3 and position = $4
        and status = 'redriven' and edited is not null`,
    [key.source, key.epoch, key.partition, key.position],
  );
  return rows[0];
}
