import type { Actor, Sql } from "../../../platform/service.ts";
import { choosableKinds, isOffered, isWanted } from "../mail-choice.ts";
import { type Choice, findChoices } from "../mail-choice-store.ts";

/** The mails that somebody may choose, and whether each is sent to them at present. */
export async function listMailChoices(sql: Sql, { userId, roles }: Actor): Promise<{ items: Choice[] }> {
  const chosen = new Map((await findChoices(sql, userId)).map(({ kind, wanted }) => [kind, wanted]));
  const offered = choosableKinds.filter((kind) => isOffered(kind, roles));
  return {
    items: offered.map((kind) => ({ kind, wanted: isWanted(kind, chosen.get(kind) ?? null, { active: true, roles }) })),
  };
}
