/** Titles of tasks, and from the barrier of tasks which day each period belongs to. */
import { taskCreatedV2 } from "../../../contracts/tasks/task.created.v2.ts";
import { taskRegistrationEndedV1 } from "../../../contracts/tasks/task.registration-ended.v1.ts";
import { taskUpdatedV2 } from "../../../contracts/tasks/task.updated.v2.ts";
import { consumer, ofType } from "../../../platform/service.ts";
import { keepPeriods } from "../figures-store.ts";
import { keepTitles, type TaskTitle } from "../title-store.ts";

export const onTask = consumer({
  name: "on-task",
  source: "tasks",
  events: [taskCreatedV2, taskUpdatedV2, taskRegistrationEndedV1],
  command: "analytics.name-tasks",
  async handle({ sql }, events) {
    const titles = new Map<string, TaskTitle>();
    const named = events.filter(
      (event): event is (typeof events)[number] & { data: TaskTitle } => event.type !== taskRegistrationEndedV1.type,
    );
    for (const { data } of named) titles.set(data.taskId, data);
    await keepTitles(sql, [...titles.values()]);
    await keepPeriods(
      sql,
      ofType(events, taskRegistrationEndedV1).flatMap(({ data }) => [
        ...(data.businessDate === null ? [] : [{ ...data, businessDate: data.businessDate }]),
        data.next,
      ]),
    );
  },
});
