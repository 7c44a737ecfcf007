/** SQL of what people chose to be mailed. */
import type { Sql } from "../../platform/service.ts";
import type { ChoosableKind } from "./mail-choice.ts";

export type Choice = { kind: ChoosableKind; wanted: boolean };

/** What somebody chose; kinds that they left as they are have no row. */
export async function findChoices(sql: Sql, userId: string): Promise<Choice[]> {
  return await sql<Choice>("select kind, wanted from mail_choice where user_id = $1", [userId]);
}

/** Keeps what somebody chooses; the same choice again changes nothing. */
export async function saveChoices(sql: Sql, userId: string, choices: readonly Choice[], now: Date): Promise<void> {
  await sql(
    `insert into mail_choice as known (user_id, kind, wanted, chosen_at)
     select $1, kind, wanted, $4 from unnest($2::text[], $3::boolean[]) as c (kind, wanted) order by kind
     on conflict (user_id, kind) do update set wanted = excluded.wanted, chosen_at = excluded.chosen_at
      where known.wanted <> excluded.wanted`,
    [userId, choices.map(({ kind }) => kind), choices.map(({ wanted }) => wanted), now],
  );
}

/** Forgets what people chose. */
export async function forgetChoices(sql: Sql, userIds: readonly string[]): Promise<void> {
  await sql("delete from mail_choice where user_id = any ($1::uuid[])", [userIds]);
}
