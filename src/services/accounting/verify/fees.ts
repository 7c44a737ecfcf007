/**
 * Which fee a cancellation has to give back: followed from the log, event by event (from what was booked, where events are kept
 * no more), and through the corrections of that fee.
 */
import type { Sql } from "../../../platform/service.ts";
import type { Fee } from "./fold.ts";

/** The fee of a task's present assignment, as it was booked. */
type Assignment = Fee & { userId: string; period: number; at: number };

type Change = { taskId: string; change: string; userId: string; period: number; at: number };

/** The change that a `task.updated` tells. */
export function changeOf(data: Record<string, unknown>, time: Date, period: number): Change {
  const [taskId, userId, change] = [data["taskId"], data["assigneeId"], data["change"]].map(String);
  return { taskId: taskId ?? "", userId: userId ?? "", change: change ?? "", period, at: time.getTime() };
}

/** As many assignments are kept as there are open tasks; those of finished ones go when their period is over. */
export function presentFees() {
  const present = new Map<string, Assignment>();
  const done = new Set<string>();
  return {
    /** An event was booked; `fee` is the line that it has become, if it was an assignment that costs something. */
    booked: ({ taskId, change, ...by }: Change, fee: Fee | undefined) => {
      if (change === "assigned" && fee !== undefined) present.set(taskId, { ...fee, ...by });
      else if (change === "assigned" || change === "cancelled") present.delete(taskId);
      if (change === "done") done.add(taskId);
      if (change === "reopened") done.delete(taskId);
    },
    /** The fee that the cancellation of an assignment gives back; none when it was booked otherwise, or not at all. */
    of: (taskId: string, userId: string, assigned: { period: number; at: number }): Fee | undefined => {
      const fee = present.get(taskId);
      const same = fee?.userId === userId && fee.period === assigned.period && fee.at === assigned.at;
      return same ? fee : undefined;
    },
    /** The fee that such a cancellation gives back, where its event is kept no more: the last one that this popug paid. */
    latest: (taskId: string, userId: string): Fee | undefined => {
      const fee = present.get(taskId);
      return fee?.userId === userId ? fee : undefined;
    },
    endPeriod: () => {
      for (const taskId of done) present.delete(taskId);
      done.clear();
    },
  };
}

export type PresentFees = ReturnType<typeof presentFees>;

/** The line that stands for a fee after its corrections; one that was corrected to nothing has the amount 0. */
export async function correctedFee(sql: Sql, fee: Fee): Promise<Fee> {
  const rows = await sql<Fee>(
    `select concat_ws('-', c.period, 'correction', 0, c.partition, c.position, 1) as "entryId", r.becomes_minor as amount
       from correction c join correction_request r on r.id = c.request_id where c.entry_id = $1`,
    [fee.entryId],
  );
  return rows[0] === undefined ? fee : await correctedFee(sql, rows[0]);
}

/** Holds what the returns of a period say that they take back against what they have to take back, by posting. */
export async function compareReturns(
  sql: Sql,
  period: number,
  expected: ReadonlyMap<string, string>,
  find: (text: string) => void,
): Promise<void> {
  const rows = await sql<{ entryId: string; posting: string }>(
    `select entry_id as "entryId", concat_ws('-', period, 'tasks', epoch, partition, position, 0) as posting
       from fee_return where period = $1`,
    [period],
  );
  const stored = new Map(rows.map((row) => [row.posting, row.entryId]));
  for (const posting of new Set([...stored.keys(), ...expected.keys()])) {
    const [told, wanted] = [stored.get(posting), expected.get(posting)];
    if (told !== wanted)
      find(`posting ${posting} takes back ${told ?? "nothing"}, it should be ${wanted ?? "nothing"}`);
  }
}
