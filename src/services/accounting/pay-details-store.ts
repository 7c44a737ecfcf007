/** SQL of pay details: where a popug is paid. Account numbers leave this table for the payout file and accountants' eyes only. */
import type { Sql } from "../../platform/service.ts";

export type PayDetails = { id: number; iban: string; holder: string; setAt: Date };

/** Where a popug is paid, newest first, as often as they said something else; forgotten ones are left out. */
export async function listDetails(sql: Sql, userId: string, limit: number): Promise<PayDetails[]> {
  return await sql<PayDetails>(
    `select id, iban, holder, set_at as "setAt" from pay_details where user_id = $1 and iban is not null
      order by id desc limit $2`,
    [userId, limit],
  );
}

/** The newest pay details of a popug; undefined when there are none, or they were forgotten. */
export async function findDetails(sql: Sql, userId: string): Promise<PayDetails | undefined> {
  return (await listDetails(sql, userId, 1))[0];
}

/** Adds details, and returns their id; one at a time, so that ids become visible in order and without gaps. */
export async function saveDetails(
  sql: Sql,
  details: { userId: string; iban: string; holder: string; at: Date },
): Promise<number> {
  await sql("select pg_advisory_xact_lock(hashtextextended(current_schema() || '.pay-details', 0))");
  const rows = await sql<{ id: number }>(
    `insert into pay_details (id, user_id, iban, holder, set_at)
     select coalesce(max(id), 0) + 1, $1, $2, $3, $4 from pay_details returning id`,
    [details.userId, details.iban, details.holder, details.at],
  );
  return (rows[0] as { id: number }).id;
}

/** The newest id: "as of" it is the same for ever, but for what is forgotten. 0 before the first. */
export async function newestDetailsId(sql: Sql): Promise<number> {
  return (await sql<{ id: number }>("select coalesce(max(id), 0) as id from pay_details"))[0]?.id ?? 0;
}

/** Forgets where people were paid; that they had said something, and when, stays. */
export async function forgetDetails(sql: Sql, userIds: readonly string[], at: Date): Promise<void> {
  await sql(
    `update pay_details set iban = null, holder = null, forgotten_at = $2
      where user_id = any ($1::uuid[]) and iban is not null`,
    [userIds, at],
  );
}
