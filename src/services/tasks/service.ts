/**
 * Tasks: created by anyone, handed out by draws, done by popugs. Every change becomes money in accounting, so this
 * service also says in which period it happened and where each period ends.
 *
 * THE ORDER OF LOCKS, the same in every transaction, so that none waits in a circle:
 *   1. the registration (`register`: shared, by all who emit; exclusive, by who ends the period)
 *   2. the eligibility (`eligible`: shared, by all who draw; exclusive, by who changes the people)
 *   3. the running shuffle
 *   4. rows of tasks, in the order of their ids
 * Whoever changes the company's settings takes the registration and then the settings, and nothing else.
 */
import { settingsChangedV1 } from "../../contracts/tasks/settings.changed.v1.ts";
import { shuffleFinishedV1 } from "../../contracts/tasks/shuffle.finished.v1.ts";
import { shuffleProgressedV1 } from "../../contracts/tasks/shuffle.progressed.v1.ts";
import { shuffleStartedV1 } from "../../contracts/tasks/shuffle.started.v1.ts";
import { taskAssignedV1 } from "../../contracts/tasks/task.assigned.v1.ts";
import { taskCancelledV1 } from "../../contracts/tasks/task.cancelled.v1.ts";
import { taskCreatedV2 } from "../../contracts/tasks/task.created.v2.ts";
import { taskDoneV1 } from "../../contracts/tasks/task.done.v1.ts";
import { taskRegistrationEndedV1 } from "../../contracts/tasks/task.registration-ended.v1.ts";
import { taskReopenedV1 } from "../../contracts/tasks/task.reopened.v1.ts";
import { taskUpdatedV2 } from "../../contracts/tasks/task.updated.v2.ts";
import { peopleMigrations } from "../../people/replica.ts";
import type { Service } from "../../platform/service.ts";
import type { Settings } from "../../settings.ts";
import { onBillingCloseRequested } from "./consumers/on-billing-close-requested.ts";
import { onBillingClosed } from "./consumers/on-billing-closed.ts";
import { onUserErased } from "./consumers/on-user-erased.ts";
import { onUserChanged } from "./consumers/on-user-changed.ts";
import { endDuePeriodsJob } from "./jobs/end-due-periods.ts";
import { handOutJob } from "./jobs/hand-out.ts";
import { shuffle } from "./jobs/shuffle.ts";
import { routes } from "./routes.ts";

export function tasksService(settings: Settings): Service {
  return {
    name: "tasks",
    migrations: [peopleMigrations, new URL("./migrations/", import.meta.url)],
    publishes: [
      taskCreatedV2,
      taskAssignedV1,
      taskUpdatedV2,
      taskDoneV1,
      taskReopenedV1,
      taskCancelledV1,
      shuffleStartedV1,
      shuffleProgressedV1,
      shuffleFinishedV1,
      settingsChangedV1,
      taskRegistrationEndedV1,
    ],
    consumers: [onUserChanged(settings), onUserErased, onBillingCloseRequested(settings), onBillingClosed(settings)],
    jobs: [endDuePeriodsJob(settings), shuffle(settings), handOutJob(settings)],
    routes: routes(settings),
  };
}
