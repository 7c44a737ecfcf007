/** SQL of corrections. */
import type { Sql } from "../../platform/service.ts";
import { CORRECTION_SOURCE, type CorrectionRequest } from "./correction.ts";
import type { OwnLeg } from "./own-posting.ts";
import { postOwn } from "./own-posting-store.ts";

/** A correction as it was asked for, and as it was posted. */
export type CorrectionRow = CorrectionRequest & {
  /** Null: waits for a second person. */
  period: number | null;
  position: number | null;
  approvedBy: string | null;
  postedAt: Date | null;
};

const COLUMNS = `r.id, r.entry_id as "entryId", r.user_id as "userId", r.task_id as "taskId", r.kind, r.partition,
  r.was_minor as "wasMinor", r.becomes_minor as "becomesMinor", r.effective_day as "effectiveDay", r.reason,
  r.requested_by as "requestedBy", r.requested_at as "requestedAt", r.needs_second as "needsSecond",
  c.period, c.position, c.approved_by as "approvedBy", c.posted_at as "postedAt"`;
const FROM = "from correction_request r left join correction c on c.request_id = r.id";

/** The business day that an entry is about: that of its period, or of what it corrects itself. */
export async function findEffectiveDay(sql: Sql, entryId: string, period: number): Promise<string> {
  const rows = await sql<{ day: string }>(
    `select coalesce((select r.effective_day from correction c join correction_request r on r.id = c.request_id
                       where $1 = concat_ws('-', c.period, '${CORRECTION_SOURCE}', 0, c.partition, c.position, 1)),
                     p.business_date) as day
       from period p where p.number = $2`,
    [entryId, period],
  );
  return rows[0]?.day as string;
}

/** Writes down what somebody wants corrected. */
export async function saveRequest(sql: Sql, r: CorrectionRequest): Promise<void> {
  await sql(
    `insert into correction_request (id, entry_id, user_id, task_id, kind, partition, was_minor, becomes_minor, effective_day,
                                     reason, requested_by, requested_at, needs_second)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      ...[r.id, r.entryId, r.userId, r.taskId, r.kind, r.partition, r.wasMinor, r.becomesMinor, r.effectiveDay],
      ...[r.reason, r.requestedBy, r.requestedAt, r.needsSecond],
    ],
  );
}

/** A correction with what became of it; undefined when there is none of this id. */
export async function findCorrection(sql: Sql, id: string): Promise<CorrectionRow | undefined> {
  return (await sql<CorrectionRow>(`select ${COLUMNS} ${FROM} where r.id = $1`, [id]))[0];
}

/** Whether the entry was corrected already. */
export async function isCorrected(sql: Sql, entryId: string): Promise<boolean> {
  return (await sql("select from correction where entry_id = $1", [entryId])).length > 0;
}

/** Newest first; of one business day if it is given. */
export async function listCorrections(
  sql: Sql,
  filter: { day?: string; before?: string },
  limit: number,
): Promise<CorrectionRow[]> {
  return await sql<CorrectionRow>(
    `select ${COLUMNS} ${FROM} where ($1::date is null or r.effective_day = $1) and ($2::uuid is null or r.id < $2)
      order by r.id desc limit $3`,
    [filter.day ?? null, filter.before ?? null, limit],
  );
}

/** Writes a correction and its postings into a period that is held open; returns its number in the period. */
export async function postCorrection(
  sql: Sql,
  posted: { request: CorrectionRequest; legs: readonly OwnLeg[]; period: number; by: string | null; at: Date },
): Promise<number> {
  const { request, legs, period, by, at } = posted;
  const rows = await sql<{ position: number }>(
    `insert into correction (request_id, entry_id, period, partition, position, approved_by, posted_at)
     select $1, $2, $3, $4, coalesce(max(position), 0) + 1, $5, $6 from correction where period = $3
     returning position`,
    [request.id, request.entryId, period, request.partition, by, at],
  );
  const position = (rows[0] as { position: number }).position;
  await postOwn(sql, {
    ...{ source: CORRECTION_SOURCE, period, partition: request.partition, position, legs },
    ...{ userId: request.userId, taskId: request.taskId, at, eventId: request.id },
  });
  return position;
}

/** Changes of sums, in minor units; and of how many corrections. */
export type CorrectedSums = { feesMinor: number; rewardsMinor: number; count: number };

/** What corrections change about a day: those that are about it, and (to be taken out of it) those of other days posted in it. */
export async function sumCorrections(
  sql: Sql,
  day: string,
): Promise<{ about: CorrectedSums; postedIn: CorrectedSums }> {
  const sums = `coalesce(sum(becomes_minor - was_minor) filter (where kind = 'fee'), 0)::bigint as "feesMinor",
    coalesce(sum(becomes_minor - was_minor) filter (where kind = 'reward'), 0)::bigint as "rewardsMinor", count(*) as count`;
  const read = async (where: string) => {
    const rows = await sql<CorrectedSums>(
      `select ${sums} from correction c join correction_request r on r.id = c.request_id join period p on p.number = c.period
        where ${where}`,
      [day],
    );
    return rows[0] as CorrectedSums;
  };
  return { about: await read("r.effective_day = $1"), postedIn: await read("p.business_date = $1") };
}
