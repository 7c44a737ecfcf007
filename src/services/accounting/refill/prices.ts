/**
 * Before books are computed anew from the log of tasks: the prices that were published when they were drawn come back, so
 * that nothing is drawn a second time and the replay ends in the same seals.
 */
import { PARTITIONS } from "../../../platform/event.ts";
import type { Sql } from "../../../platform/service.ts";

const PAGE = 5_000;

/**
 * Writes the prices of all published `task.priced` into `price`; those that are there stay. Run it before the first event
 * of tasks is consumed; running it again changes nothing.
 * @param log reads accounting's own log (`accounting.published`), in this database or in the one it was saved from
 * @param books writes into accounting's schema
 * @returns how many prices came back
 */
export async function refillPrices(log: Sql, books: Sql): Promise<number> {
  let written = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for (let after = 0; ; ) {
      const events = await log<{ position: number; data: unknown }>(
        `select position, data from accounting.published
          where partition = $1 and position > $2 and type = 'task.priced' order by position limit ${PAGE}`,
        [partition, after],
      );
      const rows = await books(
        `insert into price (task_id, fee_minor, reward_minor, currency)
         select (d->>'taskId')::uuid, (d->>'feeMinor')::bigint, (d->>'rewardMinor')::bigint, d->>'currency'
           from jsonb_array_elements($1::jsonb) d
         on conflict (task_id) do nothing returning 1`,
        [JSON.stringify(events.map(({ data }) => data))],
      );
      written += rows.length;
      const last = events.at(-1);
      if (last === undefined || events.length < PAGE) break;
      after = last.position;
    }
  }
  return written;
}
