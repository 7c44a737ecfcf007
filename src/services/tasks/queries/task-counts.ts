/** How many tasks there are, for the menu and for what a shuffle would do. */
import { Type, type Static } from "typebox";
import type { QueryCtx } from "../../../platform/service.ts";
import { ShuffleView, viewShuffle } from "./shuffle-view.ts";
import { Nullable } from "../../../platform/contract.ts";

export const TaskCounts = Type.Object({
  open: Type.Integer({ minimum: 0 }),
  done: Type.Integer({ minimum: 0 }),
  cancelled: Type.Integer({ minimum: 0 }),
  /** Open ones of whoever asks. */
  mine: Type.Integer({ minimum: 0 }),
  /** Popugs among whom a shuffle draws. */
  eligible: Type.Integer({ minimum: 0 }),
  /** The shuffle that runs now. */
  shuffle: Nullable(ShuffleView),
});

export async function taskCounts({ sql, actor }: Pick<QueryCtx, "sql" | "actor">): Promise<Static<typeof TaskCounts>> {
  const [row] = await sql<{
    open: number;
    all: number;
    cancelled: number;
    mine: number;
    eligible: number;
    shuffleId: string | null;
  }>(
    `select (select count(*) from task where status = 'in_progress')::int as open,
            (select count(*) from task)::int as "all",
            (select count(*) from task where status = 'cancelled')::int as cancelled,
            (select count(*) from task where assignee_id = $1 and status = 'in_progress')::int as mine,
            (select count(*) from drawn_person)::int as eligible,
            (select shuffle_id from shuffle where status = 'running') as "shuffleId"`,
    [actor.userId],
  );
  const { open = 0, all = 0, cancelled = 0, mine = 0, eligible = 0, shuffleId = null } = row ?? {};
  const shuffle = shuffleId === null ? null : await viewShuffle(sql, shuffleId);
  return { open, done: all - open - cancelled, cancelled, mine, eligible, shuffle };
}
