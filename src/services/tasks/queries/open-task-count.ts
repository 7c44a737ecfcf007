/** How many open tasks somebody has: as many are drawn anew when they are deactivated or may no longer be drawn. */
import { Type } from "typebox";
import { findPerson } from "../../../people/replica.ts";
import { Uuid } from "../../../platform/contract.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { Sql } from "../../../platform/service.ts";

export const OpenTaskCount = Type.Object({ userId: Uuid, openTasks: Type.Integer() });

/** `getOpenTaskCount`. @throws Refusal `unknown-user` */
export async function openTasksOf(sql: Sql, userId: string): Promise<{ userId: string; openTasks: number }> {
  if (!(await findPerson(sql, userId))) throw new Refusal("not-found", "unknown-user", "There is no such user.");
  const rows = await sql<{ openTasks: number }>(
    `select count(*) as "openTasks" from task where assignee_id = $1 and status = 'in_progress'`,
    [userId],
  );
  return { userId, openTasks: rows[0]?.openTasks ?? 0 };
}
