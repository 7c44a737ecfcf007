import { Type } from "typebox";
import { Day, Uuid } from "../../platform/contract.ts";
import { Page } from "../../platform/http/paging.ts";
import { command, query, type Route } from "../../platform/http/route.ts";
import { cancelTask } from "./commands/cancel-task.ts";
import { ChangedSettings, changeSettings, SettingsWish } from "./commands/change-settings.ts";
import { completeTask } from "./commands/complete-task.ts";
import { createTask } from "./commands/create-task.ts";
import { ImportReport, ImportRequest, importTasks } from "./commands/import-tasks.ts";
import { cancelAbsence, changeAbsence, markAbsence } from "./commands/mark-absence.ts";
import { reopenTask } from "./commands/reopen-task.ts";
import { shuffleTasks } from "./commands/shuffle-tasks.ts";
import { updateTask } from "./commands/update-task.ts";
import { BusinessDay, businessDay } from "./queries/business-day.ts";
import { AbsencePeople, AbsenceView, Absences, listAbsencePeople, listAbsences } from "./queries/list-absences.ts";
import { listSettings, SettingsHistory } from "./queries/list-settings.ts";
import { listTasks, MyTaskFilter, TaskFilter } from "./queries/list-tasks.ts";
import { OpenTaskCount, openTasksOf } from "./queries/open-task-count.ts";
import { countOpenTasks, OpenCounts } from "./queries/open-counts.ts";
import { ShuffleView, viewShuffle } from "./queries/shuffle-view.ts";
import { TaskCounts, taskCounts } from "./queries/task-counts.ts";
import { TaskHistory, taskHistory } from "./queries/task-history.ts";
import { TaskPages, TaskPagesFilter, taskPages } from "./queries/task-pages.ts";
import { TaskView, viewTask } from "./queries/task-view.ts";
import type { Calendar } from "./registration-store.ts";
import { MAX_NOTE } from "./absence.ts";
import { MAX_DESCRIPTION, MAX_JIRA_ID, MAX_TITLE } from "./task.ts";

const IMPORT_BYTES = 8 * 1024 * 1024;

const taskParams = Type.Object({ taskId: Uuid });
/** `[POPUG-42] - Fix the cage`: the id in brackets is split off and counts for itself. */
const title = Type.String({ minLength: 1, maxLength: MAX_TITLE + MAX_JIRA_ID + 5 });
const description = Type.String({ maxLength: MAX_DESCRIPTION });

const absenceParams = Type.Object({ absenceId: Uuid });
const absenceFields = {
  firstDay: Day,
  lastDay: Day,
  reassign: Type.Boolean({ description: "draw their open tasks anew when it begins" }),
  note: Type.Optional(Type.String({ maxLength: MAX_NOTE })),
};

export const routes = (calendar: Calendar): Route[] => [
  command({
    operationId: "createTask",
    method: "POST",
    path: "/tasks",
    policy: "tasks.use",
    command: "task.create",
    summary: "Create a task; it is assigned at once to somebody drawn at random, or waits when there is nobody.",
    body: Type.Object({ title, description: Type.Optional(description) }),
    response: TaskView,
    status: 201,
    handle: (ctx, { body }) => createTask(ctx, body, calendar),
  }),
  command({
    operationId: "importTasks",
    method: "POST",
    path: "/tasks/import",
    policy: "tasks.use",
    command: "task.create",
    summary: "Create many tasks from CSV or a list of titles: all of them, or the good ones, as asked.",
    body: ImportRequest,
    bodyLimit: IMPORT_BYTES,
    response: ImportReport,
    handle: (ctx, { body }) => importTasks(ctx, body, calendar),
  }),
  command({
    operationId: "updateTask",
    method: "PATCH",
    path: "/tasks/:taskId",
    policy: "tasks.use",
    command: "task.update",
    summary: "Change title or description: whoever created or holds the task, managers and admins.",
    params: taskParams,
    body: Type.Object({ title: Type.Optional(title), description: Type.Optional(description) }),
    response: TaskView,
    handle: (ctx, { params, body }) => updateTask(ctx, params.taskId, body, calendar),
  }),
  command({
    operationId: "completeTask",
    method: "POST",
    path: "/tasks/:taskId/complete",
    policy: "tasks.use",
    command: "task.update",
    summary: "Mark a task done: its assignee, or an admin; once.",
    params: taskParams,
    response: TaskView,
    handle: (ctx, { params }) => completeTask(ctx, params.taskId, calendar),
  }),
  command({
    operationId: "reopenTask",
    method: "POST",
    path: "/tasks/:taskId/reopen",
    policy: "tasks.use",
    command: "task.update",
    summary: "Take a finished task back, while the period in which it was done is open.",
    params: taskParams,
    response: TaskView,
    handle: (ctx, { params }) => reopenTask(ctx, params.taskId, calendar),
  }),
  command({
    operationId: "cancelTask",
    method: "POST",
    path: "/tasks/:taskId/cancel",
    policy: "tasks.cancel",
    command: "task.update",
    summary:
      "Cancel a wrong or duplicate open task, with a reason: it leaves the draw, its assignee gets the fee back.",
    params: taskParams,
    body: Type.Object({ reason: Type.String({ minLength: 3, maxLength: 500, pattern: "\\S\\s*\\S\\s*\\S" }) }),
    response: TaskView,
    handle: (ctx, { params, body }) => cancelTask(ctx, params.taskId, body.reason, calendar),
  }),
  command({
    operationId: "shuffleTasks",
    method: "POST",
    path: "/shuffles",
    policy: "tasks.shuffle",
    command: "task.assign",
    summary: "Draw all open tasks anew; joins the shuffle that is running, if there is one.",
    response: Type.Object({ ...ShuffleView.properties, joined: Type.Boolean() }),
    status: 202,
    handle: (ctx) => shuffleTasks(ctx, calendar),
  }),
  command({
    operationId: "markAbsence",
    method: "POST",
    path: "/absences",
    policy: "absences",
    command: "absence.mark",
    summary: "Mark days away, both included, in the company's calendar: one's own; managers and admins anybody's.",
    body: Type.Object({ ...absenceFields, userId: Type.Optional({ ...Uuid, description: "oneself if not given" }) }),
    response: AbsenceView,
    status: 201,
    handle: (ctx, { body: { userId = ctx.actor.userId, note = "", ...wish } }) =>
      markAbsence(ctx, { ...wish, note, userId }, calendar),
  }),
  command({
    operationId: "changeAbsence",
    method: "PATCH",
    path: "/absences/:absenceId",
    policy: "absences",
    command: "absence.mark",
    summary: "Change days away that are not over; of those that have begun the first day stays.",
    params: absenceParams,
    body: Type.Partial(Type.Object(absenceFields)),
    response: AbsenceView,
    handle: (ctx, { params, body }) => changeAbsence(ctx, params.absenceId, body, calendar),
  }),
  command({
    operationId: "cancelAbsence",
    method: "DELETE",
    path: "/absences/:absenceId",
    policy: "absences",
    command: "absence.mark",
    summary: "Take days away back that are not over; whoever is away now can be drawn again at once.",
    params: absenceParams,
    response: AbsenceView,
    handle: (ctx, { params }) => cancelAbsence(ctx, params.absenceId, calendar),
  }),
  query({
    operationId: "listAbsences",
    method: "GET",
    path: "/absences",
    policy: "absences",
    summary: "Days away that are not over: one's own; for managers and admins everybody's, or somebody's.",
    query: Type.Object({ userId: Type.Optional(Uuid) }),
    response: Absences,
    handle: (ctx, request) => listAbsences(ctx, request.query.userId),
  }),
  command({
    operationId: "changeSettings",
    method: "PATCH",
    path: "/settings",
    policy: "operations",
    command: "settings.change",
    summary: "Change prices, zone or closing time (the currency: before the first task) from the next period on.",
    body: SettingsWish,
    response: ChangedSettings,
    handle: (ctx, { body }) => changeSettings(ctx, body, calendar),
  }),
  query({
    operationId: "getBusinessDay",
    method: "GET",
    path: "/business-day",
    policy: "self.view",
    summary: "The business day that is open: its date, its end, its time zone.",
    response: BusinessDay,
    handle: (ctx) => businessDay(ctx, calendar),
  }),
  query({
    operationId: "listSettings",
    method: "GET",
    path: "/settings",
    policy: "operations",
    summary: "What is set, what will count in the next period, and every change.",
    response: SettingsHistory,
    handle: (ctx) => listSettings(ctx, calendar),
  }),
  query({
    operationId: "listAbsencePeople",
    method: "GET",
    path: "/absences/people",
    policy: "absences",
    summary: "Whose days away one may mark: one's own; for managers and admins everybody who is drawn.",
    response: AbsencePeople,
    handle: listAbsencePeople,
  }),
  query({
    operationId: "getShuffle",
    method: "GET",
    path: "/shuffles/:shuffleId",
    policy: "tasks.use",
    summary: "Progress of a shuffle.",
    params: Type.Object({ shuffleId: Uuid }),
    response: ShuffleView,
    handle: (ctx, { params }) => viewShuffle(ctx.sql, params.shuffleId),
  }),
  query({
    operationId: "listTasks",
    method: "GET",
    path: "/tasks",
    policy: "tasks.use",
    summary: "All tasks, newest first.",
    query: TaskFilter,
    response: Page(TaskView),
    handle: (ctx, request) => listTasks(ctx, request.query),
  }),
  query({
    operationId: "listTaskPages",
    method: "GET",
    path: "/tasks/pages",
    policy: "tasks.use",
    summary: "Where each page of a list of tasks begins, and how many there are: random access without offsets.",
    query: TaskPagesFilter,
    response: TaskPages,
    handle: (ctx, request) => taskPages(ctx, request.query),
  }),
  query({
    operationId: "getTaskCounts",
    method: "GET",
    path: "/tasks/counts",
    policy: "tasks.use",
    summary:
      "How many tasks are open, done, cancelled, mine; among how many popugs a shuffle draws; the shuffle that runs.",
    response: TaskCounts,
    handle: (ctx) => taskCounts(ctx),
  }),
  query({
    operationId: "getTaskHistory",
    method: "GET",
    path: "/tasks/:taskId/history",
    policy: "tasks.use",
    summary: "What happened to a task, the newest first.",
    params: taskParams,
    response: TaskHistory,
    handle: (ctx, { params }) => taskHistory(ctx.sql, params.taskId),
  }),
  query({
    operationId: "countOpenTasks",
    method: "GET",
    path: "/tasks/open-counts",
    policy: "tasks.use",
    summary: "How many tasks are open, and with whom.",
    response: OpenCounts,
    handle: (ctx) => countOpenTasks(ctx),
  }),
  query({
    operationId: "listMyTasks",
    method: "GET",
    path: "/my/tasks",
    policy: "tasks.use",
    summary: "The tasks that are assigned to me, newest first.",
    query: MyTaskFilter,
    response: Page(TaskView),
    handle: (ctx, request) => listTasks(ctx, { ...request.query, assigneeId: ctx.actor.userId }),
  }),
  query({
    operationId: "getOpenTaskCount",
    method: "GET",
    path: "/people/:userId/open-task-count",
    policy: "people",
    summary: "How many open tasks of somebody are drawn anew when they are deactivated.",
    params: Type.Object({ userId: Uuid }),
    response: OpenTaskCount,
    handle: (ctx, { params }) => openTasksOf(ctx.sql, params.userId),
  }),
  query({
    operationId: "getTask",
    method: "GET",
    path: "/tasks/:taskId",
    policy: "tasks.use",
    summary: "One task.",
    params: taskParams,
    response: TaskView,
    handle: (ctx, { params }) => viewTask(ctx.sql, params.taskId),
  }),
];
