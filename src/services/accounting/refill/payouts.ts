/**
 * Payouts take the steps again that they took: one that came back did so between two closes, so its steps wait in a table for the
 * close that makes the payout (`recalled-step-store.ts`). Where people were paid is in no log: of that comes back only that they
 * had said something, as if it was forgotten.
 */
import type { Sql } from "../../../platform/service.ts";
import { type RecalledStep, saveRecalled } from "../recalled-step-store.ts";
import { parseEntryId } from "../entry.ts";
import { personOf } from "./own-log.ts";

type Told = {
  state: "sent" | "confirmed" | "failed";
  payoutPeriod: number;
  userId: string;
  actor: string;
  time: Date;
  detailsId: number | null;
  file: string | null;
  reason: string | null;
  /** The entry that gave it back. */
  returnId: string | null;
};

/** Keeps all steps until the payouts are there again, and the details of which they tell, as if they were forgotten at the end of the log. */
export async function refillPayouts(log: Sql, books: Sql): Promise<void> {
  const details = await log<{ data: { userId: string; detailsId?: number }; time: Date }>(
    "select data, time from accounting.published where type = 'pay-details.changed'",
  );
  const [end] = await log<{ at: Date | null }>("select max(time) as at from accounting.published");
  await books(
    `insert into pay_details (id, user_id, set_at, forgotten_at)
     select id, user_id, set_at, $4::timestamptz from unnest($1::bigint[], $2::uuid[], $3::timestamptz[]) as d (id, user_id, set_at)
      where id is not null order by id`,
    [
      ...[details.map(({ data }) => data.detailsId ?? null), details.map(({ data }) => data.userId)],
      ...[details.map(({ time }) => time), end?.at],
    ],
  );
  const told = await log<Told>(
    `select substr(s.type, 8) as state, (s.data->>'period')::int as "payoutPeriod", s.data->>'userId' as "userId", s.actor, s.time,
            (s.data->>'detailsId')::bigint as "detailsId", s.data->>'file' as file, s.data->>'reason' as reason,
            b.entry->>'entryId' as "returnId"
       from accounting.published s
       left join (select entry from accounting.published cross join jsonb_array_elements(data->'entries') entry
                   where type = 'entry.posted' and entry->>'kind' = 'payout-return') b
         on s.type = 'payout.failed' and b.entry->>'userId' = s.data->>'userId'
            and split_part(b.entry->'returned'->>'entryId', '-', 1) = s.data->>'period'
      where s.type in ('payout.sent', 'payout.confirmed', 'payout.failed')`,
  );
  const sent = new Set(told.filter(({ state }) => state === "sent").map(placeOf));
  await saveRecalled(
    books,
    told.map((step) => recalled(step, sent.has(placeOf(step)))),
  );
}

const placeOf = ({ payoutPeriod, userId }: Told) => `${payoutPeriod}/${userId}`;

function recalled({ actor, returnId, time, ...step }: Told, wasSent: boolean): RecalledStep {
  if (step.state === "failed" && returnId === null)
    throw new Error(`no line gives back the payout of ${step.userId} for period ${step.payoutPeriod}`);
  const place = returnId === null ? null : parseEntryId(returnId);
  return {
    ...step,
    was: step.state !== "sent" && wasSent ? "sent" : "requested",
    ...{ at: time, by: personOf(actor) },
    ...{ period: place?.period ?? null, partition: place?.partition ?? null, position: place?.position ?? null },
  };
}
