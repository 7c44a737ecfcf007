/** How many tasks are open, and with whom: what menus count and what a deactivation would move. */
import { type Static, Type } from "typebox";
import { Uuid } from "../../../platform/contract.ts";
import type { QueryCtx } from "../../../platform/service.ts";

/** What `countOpenTasks` answers. */
export const OpenCounts = Type.Object({
  total: Type.Integer(),
  waiting: Type.Integer({ description: "those that nobody has yet" }),
  assignees: Type.Array(
    Type.Object({ userId: Uuid, name: Type.Union([Type.String(), Type.Null()]), open: Type.Integer() }),
  ),
});

export async function countOpenTasks({ sql }: Pick<QueryCtx, "sql">): Promise<Static<typeof OpenCounts>> {
  const rows = await sql<{ userId: string | null; name: string | null; open: number }>(
    `select held.user_id as "userId", person.name, held.open
       from (select assignee_id as user_id, count(*)::int as open from task where status = 'in_progress' group by 1) held
       left join person using (user_id)`,
  );
  const assignees = rows.flatMap(({ userId, name, open }) => (userId === null ? [] : [{ userId, name, open }]));
  return {
    total: rows.reduce((sum, { open }) => sum + open, 0),
    waiting: rows.find(({ userId }) => userId === null)?.open ?? 0,
    assignees: assignees.toSorted((a, b) => b.open - a.open),
  };
}
