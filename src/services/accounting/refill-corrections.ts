/**
 * Before books are computed anew from the log of tasks: what people corrected is no event of tasks, so it comes back from
 * accounting's own log. With it (and the prices, `refill-prices.ts`) a replay ends in the same seals.
 */
import type { entryCorrectedV1 } from "../../contracts/accounting/entry.corrected.v1.ts";
import type { taskRegistrationEndedV1 } from "../../contracts/tasks/task.registration-ended.v1.ts";
import type { DataOf } from "../../platform/contract.ts";
import type { Sql } from "../../platform/service.ts";
import { openAccounts, openNextPeriod } from "./booking-store.ts";
import { type CorrectionRequest, correctionLegs } from "./correction.ts";
import { isCorrected, postCorrection, saveRequest } from "./correction-store.ts";

type Corrected = DataOf<typeof entryCorrectedV1> & { partition: number };

/**
 * Posts all published corrections again, each in its period and place; those that are there stay. The periods are opened
 * for it as their barriers will open them. Run it before the first event of tasks is consumed.
 * @param log reads the logs of tasks and accounting, in this database or in the one they were saved from
 * @param books writes into accounting's schema, in a transaction
 * @returns how many corrections came back
 */
export async function refillCorrections(log: Sql, books: Sql): Promise<number> {
  const events = await log<{ partition: number; data: Omit<Corrected, "partition"> }>(
    `select partition, data from accounting.published where type = 'entry.corrected'
      order by (data->>'period')::int, (data->>'position')::int`,
  );
  const corrected = events.map(({ partition, data }) => ({ ...data, partition }));
  const last = corrected.at(-1);
  if (last === undefined) return 0;
  await openPeriods(log, books, last);
  let posted = 0;
  for (const correction of corrected) {
    if (await isCorrected(books, correction.entryId)) continue;
    await postAgain(books, correction);
    posted += 1;
  }
  return posted;
}

async function openPeriods(log: Sql, books: Sql, last: Corrected): Promise<void> {
  const ends = await log<{ data: DataOf<typeof taskRegistrationEndedV1> }>(
    `select data from tasks.published
      where type = 'task.registration-ended' and partition = 0 and period < $1 order by period`,
    [last.period],
  );
  for (const { data } of ends) await openNextPeriod(books, data.next, last.currency);
}

async function postAgain(books: Sql, correction: Corrected): Promise<void> {
  const { correctionId, currency: _, requestedAt, postedAt, approvedBy, period, position, ...rest } = correction;
  const request: CorrectionRequest = { id: correctionId, ...rest, requestedAt: new Date(requestedAt) };
  await openAccounts(books, [request.userId]);
  await saveRequest(books, request);
  const legs = correctionLegs(request);
  const given = await postCorrection(books, { request, legs, period, by: approvedBy, at: new Date(postedAt) });
  if (given !== position) throw new Error(`correction ${position} of period ${period} became ${given}`);
}
