/** What a batch of events does to the tasks that people are still to be mailed of. Pure. */
import type { taskUpdatedV2 } from "../../contracts/tasks/task.updated.v2.ts";
import type { Received } from "../../platform/event.ts";

/**
 * How long tasks are gathered into one mail, and so how often somebody gets one at most. The app tells at once; the mail is for
 * who is not looking. A shuffle is drawn within a minute or two and may be pressed again and again: what moved on to
 * somebody else meanwhile is not worth a mail.
 */
export const GATHER_MINUTES = 10;

type Title = { title: string; jiraId: string | null };
/** A task that was given to somebody, by which event and at which business time. */
export type AssignedTask = Title & { taskId: string; userId: string; at: Date; eventId: string };

export type TaskChanges = {
  /** Still so at the end of the batch. */
  assigned: AssignedTask[];
  /** Another title, and whoever had it has it still. */
  renamed: (Title & { taskId: string })[];
  /** Done, cancelled or waiting: nobody's to do. */
  ended: string[];
};

/** Of each task what counts at the end of the batch; events of one task come in their order. */
export function foldTasks(events: readonly Received<typeof taskUpdatedV2>[]): TaskChanges {
  const assigned = new Map<string, AssignedTask>();
  const renamed = new Map<string, Title & { taskId: string }>();
  const ended = new Set<string>();
  for (const { id, time, data } of events) {
    const { taskId, title, jiraId, assigneeId, change } = data;
    const before = assigned.get(taskId);
    if (change === "edited" && assigneeId !== null) {
      if (before === undefined) renamed.set(taskId, { taskId, title, jiraId });
      else assigned.set(taskId, { ...before, title, jiraId });
      continue;
    }
    assigned.delete(taskId);
    renamed.delete(taskId);
    ended.delete(taskId);
    if (change === "assigned" && assigneeId !== null) {
      assigned.set(taskId, { taskId, userId: assigneeId, title, jiraId, at: time, eventId: id });
    } else ended.add(taskId);
  }
  return { assigned: [...assigned.values()], renamed: [...renamed.values()], ended: [...ended] };
}
