/** A currency counts in whole books: it changes before the first balance, or not at all. */
import type { Sql } from "../../../platform/service.ts";

/** The currency is that of the period before as soon as there is a balance. */
export async function verifyCurrency(sql: Sql, find: (text: string) => void): Promise<void> {
  const changes = await sql<{ number: number; currency: string; before: string }>(
    `select p.number, p.currency, b.currency as before from period p join period b on b.number = p.number - 1
      where p.currency <> b.currency and exists (select from balance where period < p.number) order by p.number`,
  );
  for (const { number, currency, before } of changes) {
    find(`period ${number} is in ${currency}, but there were balances in ${before} before`);
  }
}
