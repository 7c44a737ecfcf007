/** Periods, opened before their barriers come again: what people posted in them comes back first. */
import type { taskRegistrationEndedV1 } from "../../../contracts/tasks/task.registration-ended.v1.ts";
import type { DataOf } from "../../../platform/contract.ts";
import type { Sql } from "../../../platform/service.ts";
import { openNextPeriod } from "../booking-store.ts";

/** Opens all periods up to `last` as they were opened once, each in the currency in which its lines were told. */
export async function openPeriodsAgain(log: Sql, books: Sql, last: number): Promise<void> {
  const ends = await log<{ data: DataOf<typeof taskRegistrationEndedV1> }>(
    `select data from tasks.published
      where type = 'task.registration-ended' and partition = 0 and period < $1 order by period`,
    [last],
  );
  const told = await log<{ period: number; currency: string }>(
    `select distinct on (period) period, data->>'currency' as currency from accounting.published
      where type in ('entry.posted', 'billing.closed') and period <= $1 order by period`,
    [last],
  );
  const currencies = new Map(told.map(({ period, currency }) => [period, currency]));
  // The last ones may be open and without a line yet: they go on in the currency of the one before.
  let currency = told[0]?.currency ?? "";
  for (const { data } of ends) {
    currency = currencies.get(data.next.period) ?? currency;
    await openNextPeriod(books, data.next, currency);
  }
}
