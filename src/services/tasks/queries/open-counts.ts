/** How many tasks are open, and with whom: what menus count and what a deactivation would move. */
import { type Static, Type } from "typebox";
import { Uuid } from "../../../platform/contract.ts";
import type { QueryCtx } from "../../../platform/service.ts";

/** What `countOpenTasks` answers. */
export const OpenCounts = Type.Object({
  total: Type.Integer(),
  waiting: Type.Integer({ description: "those that nobody has yet" }),
  assignees: Type.Array(Type.Object({ userId: Uuid, open: Type.Integer() })),
});

export async function countOpenTasks({ sql }: Pick<QueryCtx, "sql">): Promise<Static<typeof OpenCounts>> {
  const rows = await sql<{ userId: string | null; open: number }>(
    `select assignee_id as "userId", count(*)::int as open from task where status = 'in_progress' group by assignee_id`,
  );
  const assignees = rows.flatMap(({ userId, open }) => (userId === null ? [] : [{ userId, open }]));
  return {
    total: rows.reduce((sum, { open }) => sum + open, 0),
    waiting: rows.find(({ userId }) => userId === null)?.open ?? 0,
    assignees: assignees.toSorted((a, b) => b.open - a.open),
  };
}
