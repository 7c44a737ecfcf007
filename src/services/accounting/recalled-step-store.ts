/** SQL of steps of payouts that a replay has read from the log: they wait for the close that makes their payout. */
import type { Sql } from "../../platform/service.ts";
import { postOwn } from "./own-posting-store.ts";
import { RETURN_SOURCE, returnLegs } from "./payout.ts";
import { findPayout } from "./payout-store.ts";

/** A step as it was taken once; `period, partition, position` is the place of the posting that gave the payout back. */
export type RecalledStep = {
  payoutPeriod: number;
  userId: string;
  was: "requested" | "sent";
  state: "sent" | "confirmed" | "failed";
  at: Date;
  by: string;
  detailsId: number | null;
  file: string | null;
  reason: string | null;
  period: number | null;
  partition: number | null;
  position: number | null;
};

const COLUMNS = "payout_period, user_id, was, state, at, by, details_id, file, reason, period, partition, position";

/** Keeps steps until the periods of their payouts are closed again. */
export async function saveRecalled(sql: Sql, steps: readonly RecalledStep[]): Promise<void> {
  await sql(
    `insert into recalled_step (${COLUMNS})
     select "payoutPeriod", "userId", was, state, at, by, "detailsId", file, reason, period, partition, position
       from jsonb_to_recordset($1) as s ("payoutPeriod" int, "userId" uuid, was text, state text, at timestamptz, by uuid,
              "detailsId" bigint, file text, reason text, period int, partition smallint, position bigint)`,
    [JSON.stringify(steps)],
  );
}

/** Takes the steps of a period's payouts that are kept, as its close has made them; returns give the amounts back. */
export async function takeRecalled(sql: Sql, payoutPeriod: number): Promise<void> {
  const returned = await sql<{ userId: string; at: Date; period: number; partition: number; position: number }>(
    `with recalled as (delete from recalled_step where payout_period = $1 returning ${COLUMNS}),
          taken as (insert into payout_step (${COLUMNS}) select ${COLUMNS} from recalled
                    returning user_id, state, at, period, partition, position)
     select user_id as "userId", at, period, partition, position from taken where state = 'failed' order by period, position`,
    [payoutPeriod],
  );
  for (const { userId, at, period, partition, position } of returned) {
    const payout = await findPayout(sql, payoutPeriod, userId);
    if (payout === undefined) throw new Error(`there is no payout of ${userId} for period ${payoutPeriod}`);
    const { eventId, amountMinor } = payout;
    await postOwn(sql, {
      ...{ source: RETURN_SOURCE, period, partition, position, userId, taskId: null, at, eventId },
      legs: returnLegs(amountMinor),
    });
  }
}
