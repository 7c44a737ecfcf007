/** What somebody wants to be mailed: their own choice, for nobody else to make or to see. */
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx } from "../../../platform/service.ts";
import { forgetTasksOf } from "../assigned-task-store.ts";
import { choosableKinds, type ChoosableKind, isOffered } from "../mail-choice.ts";
import { saveChoices } from "../mail-choice-store.ts";
import { listMailChoices } from "../queries/list-mail-choices.ts";

/**
 * `chooseMails`: the kinds that are named change, the others stay. Counts for all mails that have not gone out yet.
 * @throws Refusal `mail-not-offered`
 */
export async function chooseMails({ sql, actor, now }: CommandCtx, body: Partial<Record<ChoosableKind, boolean>>) {
  const choices = choosableKinds.flatMap((kind) => {
    const wanted = body[kind];
    return wanted === undefined ? [] : [{ kind, wanted }];
  });
  if (choices.some(({ kind }) => !isOffered(kind, actor.roles))) {
    throw new Refusal("forbidden", "mail-not-offered", "This mail does not go to people of your roles.");
  }
  await saveChoices(sql, actor.userId, choices, now);
  if (body.assignments === false) await forgetTasksOf(sql, [actor.userId]);
  return await listMailChoices(sql, actor);
}
