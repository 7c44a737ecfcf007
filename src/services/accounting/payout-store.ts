/** SQL of payouts: what each is, and the steps it takes. */
import type { Sql } from "../../platform/service.ts";
import { RETURN_SOURCE, type FileLine, type PayoutState, returnLegs } from "./payout.ts";
import { postOwn } from "./own-posting-store.ts";

export type PayoutRow = {
  period: number;
  label: string;
  businessDate: string;
  userId: string;
  userName: string;
  amountMinor: number;
  currency: string;
  /** Of its posting. */
  partition: number;
  position: number;
  eventId: string;
  state: PayoutState;
  /** Where it was sent to, or would be now. */
  iban: string | null;
  holder: string | null;
  file: string | null;
  /** Of the last step; null while it is requested. */
  changedAt: Date | null;
  changedBy: string | null;
  changedByName: string | null;
  reason: string | null;
  /** Where it came back to. */
  returnPeriod: number | null;
  returnPosition: number | null;
};

/** Payouts of which `where` holds; `p` is the statement, which stays where it is when postings are archived. */
const payouts = (where: string, having: string, order: string) => `
  select * from (
    select p.period, q.label, q.business_date as "businessDate", p.user_id as "userId", coalesce(u.name, '') as "userName",
           p.payout_minor as "amountMinor", q.currency, a.partition, p.payout_position as position, b.event_id as "eventId",
           coalesce(last.state, case when d.iban is null then 'waiting' else 'requested' end) as state,
           d.iban, d.holder, sent.file, last.at as "changedAt", last.by as "changedBy", w.name as "changedByName",
           last.reason, last.period as "returnPeriod", last.position as "returnPosition"
      from statement p
      join account a on a.id = p.account_id
      join barrier b on b.period = p.period and b.partition = a.partition
      join period q on q.number = p.period
      left join person u on u.user_id = p.user_id
      left join payout_step sent
        on sent.payout_period = p.period and sent.user_id = p.user_id and sent.was = 'requested' and sent.state = 'sent'
      left join lateral (select * from payout_step s where s.payout_period = p.period and s.user_id = p.user_id
                          order by s.was desc limit 1) last on true
      left join person w on w.user_id = last.by
      left join lateral (select iban, holder from pay_details d
                          where d.user_id = p.user_id and (sent.details_id is null or d.id = sent.details_id)
                          order by d.id desc limit 1) d on true
     where p.payout_minor > 0 and ${where}) payout
   where ${having} order by ${order}`;

/** Payouts of a period in the order of user ids, from behind `after`; only those in a state if it is given. */
export async function listPayouts(
  sql: Sql,
  period: number,
  which: { state?: PayoutState | undefined; after: string | null },
  limit: number,
): Promise<PayoutRow[]> {
  return await sql<PayoutRow>(
    `${payouts("p.period = $1 and ($2::uuid is null or p.user_id > $2)", "$3::text is null or state = $3", '"userId"')} limit $4`,
    [period, which.after, which.state ?? null, limit],
  );
}

/** The payouts of one popug, newest first, from below the period `before`. */
export async function listPayoutsOf(
  sql: Sql,
  userId: string,
  before: number | null,
  limit: number,
): Promise<PayoutRow[]> {
  return await sql<PayoutRow>(
    `${payouts("p.user_id = $1 and ($2::int is null or p.period < $2)", "true", "period desc")} limit $3`,
    [userId, before, limit],
  );
}

/** A payout; undefined when that popug was not paid for that period. */
export async function findPayout(sql: Sql, period: number, userId: string): Promise<PayoutRow | undefined> {
  return (await sql<PayoutRow>(payouts("p.period = $1 and p.user_id = $2", "true", "period"), [period, userId]))[0];
}

/** How many payouts of a period are in each state, and how much they are. */
export async function sumPayouts(
  sql: Sql,
  period: number,
): Promise<{ state: PayoutState; count: number; amountMinor: number }[]> {
  return await sql(
    `select state, count(*) as count, sum("amountMinor")::bigint as "amountMinor"
       from (${payouts("p.period = $1", "true", "period")}) payout group by state`,
    [period],
  );
}

/** Whoever moves payouts of a period does it alone until the end of the transaction. Call before reading what they are. */
export async function lockPayouts(sql: Sql, period: number): Promise<void> {
  await sql("select pg_advisory_xact_lock(hashtextextended(current_schema() || '.payout', $1))", [period]);
}

type Moved = { period: number; at: Date; by: string };

/** They were sent, in a file or (null) one by one. */
export async function saveSent(
  sql: Sql,
  moved: Moved & { file: string | null },
  lines: readonly Pick<FileLine, "userId" | "detailsId">[],
): Promise<void> {
  await sql(
    `insert into payout_step (payout_period, user_id, was, state, at, by, file, details_id)
     select $1, user_id, 'requested', 'sent', $2, $3, $4, details_id from unnest($5::uuid[], $6::bigint[]) as l (user_id, details_id)`,
    [
      ...[moved.period, moved.at, moved.by, moved.file],
      ...[lines.map((line) => line.userId), lines.map((line) => line.detailsId)],
    ],
  );
}

/** They have arrived. */
export async function saveConfirmed(sql: Sql, moved: Moved, userIds: readonly string[]): Promise<void> {
  await sql(
    `insert into payout_step (payout_period, user_id, was, state, at, by)
     select $1, user_id, 'sent', 'confirmed', $2, $3 from unnest($4::uuid[]) as u (user_id)`,
    [moved.period, moved.at, moved.by, userIds],
  );
}

/** It did not arrive: back into the account, in a period that is held open; returns the number of its posting there. */
export async function saveFailed(
  sql: Sql,
  payout: PayoutRow,
  failed: { was: "requested" | "sent"; reason: string; into: number; at: Date; by: string },
): Promise<number> {
  const { was, reason, into, at, by } = failed;
  const rows = await sql<{ position: number }>(
    `insert into payout_step (payout_period, user_id, was, state, at, by, reason, period, partition, position)
     select $1, $2, $3, 'failed', $4, $5, $6, $7, $8, coalesce(max(position), 0) + 1 from payout_step where period = $7
     returning position`,
    [payout.period, payout.userId, was, at, by, reason, into, payout.partition],
  );
  const { position } = rows[0] as { position: number };
  await postOwn(sql, {
    ...{ source: RETURN_SOURCE, period: into, partition: payout.partition, position },
    ...{ userId: payout.userId, taskId: null, at, eventId: payout.eventId, legs: returnLegs(payout.amountMinor) },
  });
  return position;
}
