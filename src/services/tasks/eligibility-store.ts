/**
 * Who takes part in the draw. Draws hold the shared lock until they commit, changes among the people hold the exclusive
 * one: so no task goes to somebody whom tasks already knows to be out, and none waits while there is somebody.
 */
import type { Ctx } from "../../platform/service.ts";

/** The ids of all who may be drawn, who stay the eligible ones until the end of this transaction. */
export async function eligible(ctx: Ctx): Promise<string[]> {
  const [row] = await ctx.sql<{ ids: string[] }>("select eligible() as ids");
  return row?.ids ?? [];
}

/** Keeps all draws out until the end of this transaction. */
export async function lockEligibility(ctx: Ctx): Promise<void> {
  await ctx.sql("select lock_eligibility()");
}
