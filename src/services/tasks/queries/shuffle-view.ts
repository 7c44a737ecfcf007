/** A shuffle and its progress. */
import { Type, type Static } from "typebox";
import { Nullable, OneOf, Timestamp, Uuid } from "../../../platform/contract.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { Sql } from "../../../platform/service.ts";

export const ShuffleView = Type.Object({
  shuffleId: Uuid,
  status: OneOf(["running", "finished"]),
  total: Type.Integer({ minimum: 0, description: "open tasks when it began" }),
  drawn: Type.Integer({ minimum: 0, description: "draws made; tasks done meanwhile stay done and are not drawn" }),
  startedBy: Uuid,
  startedByName: Nullable(Type.String()),
  startedAt: Timestamp,
  finishedAt: Nullable(Timestamp),
});
export type ShuffleView = Static<typeof ShuffleView>;

/** One shuffle; refused when there is none. */
export async function viewShuffle(sql: Sql, shuffleId: string): Promise<ShuffleView> {
  const [row] = await sql<Omit<ShuffleView, "startedAt" | "finishedAt"> & { startedAt: Date; finishedAt: Date | null }>(
    `select shuffle_id as "shuffleId", status, total, drawn, started_by as "startedBy",
            (select name from person where user_id = started_by) as "startedByName",
            started_at as "startedAt", finished_at as "finishedAt"
       from shuffle where shuffle_id = $1`,
    [shuffleId],
  );
  if (row === undefined) throw new Refusal("not-found", "shuffle-not-found", "There is no such shuffle.");
  return { ...row, startedAt: row.startedAt.toISOString(), finishedAt: row.finishedAt?.toISOString() ?? null };
}
