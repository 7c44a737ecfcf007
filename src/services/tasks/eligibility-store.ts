/**
 * Who takes part in the draw. Draws hold the shared lock until they commit, changes among the people hold the exclusive
 * one: so no task goes to somebody whom tasks already knows to be out, and none waits while there is somebody.
 */
import type { Ctx } from "../../platform/service.ts";

/** The set that was read last. Its token is a random id made with each change, and the day: it can be mistaken for no other set. */
let known: { token: string; ids: readonly string[] } | undefined;

/** The ids of all who may be drawn, who stay the eligible ones until the end of this transaction. */
export async function eligible(ctx: Ctx): Promise<readonly string[]> {
  const before = known;
  const [row] = await ctx.sql<{ token: string; ids: string[] | null }>("select token, ids from eligible($1)", [
    before?.token ?? null,
  ]);
  if (row === undefined) throw new Error("the token of the people is missing");
  if (row.ids === null && before !== undefined) return before.ids;
  const read = { token: row.token, ids: row.ids ?? [] };
  // A set that this very transaction changed is not committed, and its token may never be seen again: no harm in either.
  known = read;
  return read.ids;
}

/** Keeps all draws out until the end of this transaction. */
export async function lockEligibility(ctx: Ctx): Promise<void> {
  await ctx.sql("select lock_eligibility()");
}

/** Changes with every change among the people or of who is away, and with the business day. Takes no lock. */
export async function drawToken(sql: Ctx["sql"]): Promise<string | undefined> {
  const [row] = await sql<{ token: string }>("select token from draw_token");
  return row?.token;
}
