/** The statement of an account over a range of days goes to whoever asks for it, by mail: their own, or anybody's for accountants. */
import { v7 as uuidv7 } from "uuid";
import { findPerson } from "../../../people/replica.ts";
import { realDay } from "../../../platform/day.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx } from "../../../platform/service.ts";
import { queueMails } from "../mail-store.ts";
import type { StatementData } from "../rendering/statement.ts";

/** `mailStatement`: queues the mail; what it says is looked up when it is sent. */
export async function mailStatement(ctx: CommandCtx, asked: StatementData): Promise<{ key: string }> {
  const { userId, from, to } = asked;
  if (realDay(from) > realDay(to)) throw new Refusal("invalid", "bad-range", "The range ends before it begins.");
  if ((await findPerson(ctx.sql, userId)) === undefined)
    throw new Refusal("not-found", "account-not-found", "There is no such account.");
  const key = `statement:${uuidv7()}:${ctx.actor.userId}`;
  await queueMails(ctx.sql, [{ key, kind: "statement", userId: ctx.actor.userId, data: asked }], ctx.now);
  return { key };
}
