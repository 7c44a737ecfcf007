/** SQL of periods: what they are, how far they are, who asked for their end. */
import type { Sql } from "../../platform/service.ts";
import type { CompanySettings } from "../../contracts/tasks/company-settings.ts";
import { IS_ARCHIVED } from "./archive-store.ts";
import type { Progress } from "./period.ts";

export type PeriodRow = {
  number: number;
  businessDate: string;
  part: number;
  label: string;
  beganAt: Date;
  endsAt: Date;
  currency: string;
  /** What counts in it; null where it was opened before settings had versions. */
  settings: CompanySettings | null;
  closedAt: Date | null;
  /** When its postings went into a file; null while they are here. */
  archivedAt: Date | null;
  /** How many partitions' ends have been met. */
  barriers: number;
};

const COLUMNS = `number, business_date as "businessDate", part, label, began_at as "beganAt", ends_at as "endsAt", currency,
  settings, closed_at as "closedAt", (select count(*) from barrier b where b.period = number) as barriers,
  (select max(a.archived_at) from archive a where a.period = p.number and ${IS_ARCHIVED}) as "archivedAt"`;

/** Periods that follow on each other; `last` is below `first` where there are none. */
export type PeriodRange = { first: number; last: number };

/**
 * The periods of the present business day, or of the last ones up to it. Looked up before what is asked about postings and
 * given to that as parameters, so that PostgreSQL plans for their partitions alone: of a range that the statement itself looks
 * up it would plan for the partitions of all days, which after a year takes longer than the answer.
 */
export async function periodsOfLastDays(sql: Sql, days = 1): Promise<PeriodRange> {
  const rows = await sql<PeriodRange>(
    `select coalesce(min(number), 1) as first, coalesce(max(number), 0) as last from period
      where business_date > (select business_date from period order by number desc limit 1) - $1::int`,
    [days],
  );
  return rows[0] as PeriodRange;
}

/** The periods of a business day. */
export async function periodsOf(sql: Sql, day: string): Promise<PeriodRange> {
  const rows = await sql<PeriodRange>(
    "select coalesce(min(number), 1) as first, coalesce(max(number), 0) as last from period where business_date = $1",
    [day],
  );
  return rows[0] as PeriodRange;
}

/** A period by number; undefined before its beginning was heard of. */
export async function findPeriod(sql: Sql, number: number): Promise<PeriodRow | undefined> {
  return (await sql<PeriodRow>(`select ${COLUMNS} from period p where number = $1`, [number]))[0];
}

/** The newest period, open for registration as far as accounting knows; undefined before the first. */
export async function newestPeriod(sql: Sql): Promise<PeriodRow | undefined> {
  return (await sql<PeriodRow>(`select ${COLUMNS} from period p order by number desc limit 1`))[0];
}

/** What counts in the newest period; `first` where none has said it. */
export async function settingsNow(sql: Sql, first: CompanySettings): Promise<CompanySettings> {
  const newest = await newestPeriod(sql);
  return { ...(newest?.settings ?? first), currency: newest?.currency ?? first.currency };
}

/** The one that is to be closed next. */
export async function lowestUnclosed(sql: Sql): Promise<PeriodRow | undefined> {
  return (await sql<PeriodRow>(`select ${COLUMNS} from period p where closed_at is null order by number limit 1`))[0];
}

/** Newest first, from below `before`. */
export async function listPeriodRows(sql: Sql, before: number | null, limit: number): Promise<PeriodRow[]> {
  return await sql<PeriodRow>(
    `select ${COLUMNS} from period p where $1::int is null or number < $1 order by number desc limit $2`,
    [before, limit],
  );
}

/** Locks a period against everything that would write into it. Call before the first reading statement of a close. */
export async function lockPeriod(sql: Sql, number: number): Promise<PeriodRow | undefined> {
  await sql("select 1 from period where number = $1 for update", [number]);
  // A statement of its own: the lock may have been waited for, and the snapshot has to be younger than it.
  return await findPeriod(sql, number);
}

/** The types that accounting books; the source counts more of them. */
const BOOKED_TYPES = ["task.created", "task.updated"];
const OPEN_LETTERS = "('dead', 'deferred', 'parked')";

/**
 * How far a period is on its way to the close.
 * @param heads how far the log of tasks has got, for those who want to know how much is behind: closing does not depend on it
 */
export async function loadProgress(
  sql: Sql,
  number: number,
  heads: ReadonlyMap<number, number> = new Map(),
): Promise<Progress> {
  const partitions = await sql<Progress["partitions"][number] & { previousClosed: boolean | null }>(
    `select p as partition, b.period is not null as "barrierSeen",
            greatest(h.position - coalesce(c.position, 0), 0)::bigint as behind,
            (select count(*) from dead_letter d
              where d.consumer = 'on-task' and d.partition = p and d.period = $1 and d.status in ${OPEN_LETTERS}) as "deadLetters",
            (select closed_at is not null from period where number = $1 - 1) as "previousClosed"
       from generate_series(0, 15) p
       left join unnest($2::int[], $3::bigint[]) as h (partition, position) on h.partition = p
       left join barrier b on b.period = $1 and b.partition = p
       left join cursor c on c.consumer = 'on-task' and c.source = 'tasks' and c.partition = p
      order by p`,
    [number, [...heads.keys()], [...heads.values()]],
  );
  const mismatches = await sql<Progress["mismatches"][number]>(
    `select b.partition, t.type, coalesce(i.count, 0) + coalesce(d.count, 0) as booked, e.count as expected
       from barrier b
      cross join unnest($2::text[]) as t (type)
      cross join lateral (select coalesce((b.control->t.type->>'count')::bigint, 0) as count,
                                 coalesce((b.control->t.type->>'checksum')::numeric, 0) as checksum) e
       left join intake i on i.period = b.period and i.partition = b.partition and i.type = t.type
       left join (select partition, type, count(*) as count, sum(('x' || right(event_id::text, 8))::bit(32)::bigint) as checksum
                    from dead_letter where consumer = 'on-task' and status = 'discarded' and period = $1
                   group by partition, type) d on d.partition = b.partition and d.type = t.type
      where b.period = $1
        and not exists (select from dead_letter o where o.consumer = 'on-task' and o.period = $1 and o.partition = b.partition
                           and o.status in ${OPEN_LETTERS})
        and (coalesce(i.count, 0) + coalesce(d.count, 0), coalesce(i.checksum, 0) + coalesce(d.checksum, 0))
            is distinct from (e.count, e.checksum)
      order by b.partition, t.type`,
    [number, BOOKED_TYPES],
  );
  return {
    number,
    previousClosed: partitions[0]?.previousClosed ?? null,
    partitions: partitions.map(({ previousClosed: _, ...partition }) => partition),
    mismatches,
  };
}

/** Notes that an end of registration was asked for; false when it had been before. */
export async function saveCloseRequest(
  sql: Sql,
  period: number,
  by: "schedule" | "person",
  at: Date,
): Promise<boolean> {
  const rows = await sql(
    `insert into close_request (period, by, requested_at) values ($1, $2, $3) on conflict do nothing returning period`,
    [period, by, at],
  );
  return rows.length > 0;
}

/** What a period begins with: the closings of its predecessor. */
export async function sumOfOpenings(sql: Sql, period: number): Promise<{ accountCount: number; sumMinor: number }> {
  const rows = await sql<{ accountCount: number; sumMinor: number }>(
    `select count(*) as "accountCount", coalesce(sum(closing_minor), 0)::bigint as "sumMinor" from statement where period = $1 - 1`,
    [period],
  );
  return rows[0] as { accountCount: number; sumMinor: number };
}

export type PeriodOpening = {
  period: number;
  openedAt: Date;
  accountCount: number;
  openingsMinor: number;
  closingsMinor: number;
};

/** Writes down with what a period's billing began; the second time for the same period changes nothing. */
export async function savePeriodOpening(sql: Sql, opening: PeriodOpening): Promise<void> {
  await sql(
    `insert into period_opening (period, opened_at, account_count, openings_minor, closings_minor)
     values ($1, $2, $3, $4, $5) on conflict (period) do nothing`,
    [opening.period, opening.openedAt, opening.accountCount, opening.openingsMinor, opening.closingsMinor],
  );
}
