/**
 * Gathers the tasks that are given to those who want a mail about it. What moves on or is done before the mail goes out is
 * taken back. While nobody wants it, nothing of tasks is read at all.
 */
import { taskUpdatedV2 } from "../../../contracts/tasks/task.updated.v2.ts";
import { consumer } from "../../../platform/service.ts";
import { beginMails, forgetTasks, holdReaders, keepAssigned, nobodyIsTold, rename } from "../assigned-task-store.ts";
import { type AssignedTask, foldTasks } from "../assigned-tasks.ts";

export const onTask = consumer({
  name: "on-task",
  source: "tasks",
  events: [taskUpdatedV2],
  command: "send.assignments",
  hasNoUse: nobodyIsTold,
  async handle({ sql, now }, events) {
    const { assigned, renamed, ended } = foldTasks(events);
    const readers = await holdReaders(sql, [...new Set(assigned.map(({ userId }) => userId))]);
    // What was given to them before they chose is old news.
    const isTold = ({ userId, at }: AssignedTask) => (readers.get(userId)?.getTime() ?? Infinity) <= at.getTime();
    const told = assigned.filter(isTold);
    const movedOn = assigned.filter((task) => !isTold(task)).map(({ taskId }) => taskId);
    await forgetTasks(sql, [...ended, ...movedOn]);
    await keepAssigned(sql, told);
    await rename(sql, renamed);
    await beginMails(sql, new Map(told.map((task) => [task.userId, task])), now);
  },
});
