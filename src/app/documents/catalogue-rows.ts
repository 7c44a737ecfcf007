/**
 * The founding note, as data: the words and the order are the note's. Nothing here is believed: `catalogue.ts` looks
 * up every command, event, trigger, chain and context in the services that run, and generation fails where one is missing.
 */

/** Who or what sets a command off. */
export type Trigger =
  | "popug" // a route; the roles come from its policy
  | "schedule" // a job of the service
  | { event: string } // a consumer of this event
  | { alongside: string }; // the event's own transaction goes on with this command

export type NoteRow = {
  number: string;
  triggers: readonly Trigger[];
  /** The note's words and the fields that carry them: `event.type/field`. */
  data: Readonly<Record<string, string>>;
  commands: readonly string[];
  event: string | null;
  notes: string;
};

export const noteRows: readonly NoteRow[] = [
  {
    number: "S1",
    triggers: ["popug"],
    data: { name: "user.created/name", roles: "user.created/roles", status: "user.created/status" },
    commands: ["user.create"],
    event: "user.created",
    notes: "a popug joins",
  },
  {
    number: "S2",
    triggers: ["popug"],
    data: {
      id: "user.updated/userId",
      name: "user.updated/name",
      roles: "user.updated/roles",
      status: "user.updated/status",
    },
    commands: ["user.update"],
    event: "user.updated",
    notes: "a user is never deleted, only deactivated (and reactivated)",
  },
  {
    number: "S3",
    triggers: ["popug"],
    data: {
      title: "task.created/title",
      description: "task.created/description",
      status: "task.created/status",
    },
    commands: ["task.create"],
    event: "task.created",
    notes: "the status is in progress or done",
  },
  {
    number: "S4",
    triggers: ["popug", { event: "user.created" }, { event: "user.updated" }, { alongside: "task.created" }],
    data: { id: "task.assigned/taskId", assignee: "task.assigned/assigneeId" },
    commands: ["task.assign"],
    event: "task.assigned",
    notes:
      "the three triggers: the shuffle button; a change among the users; a new task (drawn in its own transaction)",
  },
  {
    number: "S5",
    triggers: ["popug"],
    data: { id: "task.updated/taskId", title: "task.updated/title", assignee: "task.updated/assigneeId" },
    commands: ["task.update"],
    event: "task.updated",
    notes: "the assignee is output: only a draw moves a task",
  },
  {
    number: "S6",
    triggers: [{ alongside: "task.updated" }],
    data: { id: "task.done/taskId", assignee: "task.done/assigneeId", status: "task.updated/isDone" },
    commands: ["task.update"],
    event: "task.done",
    notes: "the fact, in the same transaction as the update that says `isDone`",
  },
  {
    number: "S7",
    triggers: [{ event: "task.updated" }],
    data: { id: "task.updated/taskId", assignee: "task.updated/assigneeId", change: "task.updated/change" },
    commands: ["billing.task.assign", "billing.task.done"],
    event: null,
    notes: "accounting books the fee and the reward, from this event alone",
  },
  {
    number: "S8",
    triggers: ["schedule"],
    data: { period: "billing.closed/period", day: "billing.closed/businessDate" },
    commands: ["billing.close"],
    event: "billing.closed",
    notes: "the day's balance is computed and the opening balance of the next day is formed",
  },
  {
    number: "S9",
    triggers: [{ event: "billing.closed" }],
    data: { balance: "statement.issued/closingMinor" },
    commands: ["billing.open"],
    event: null,
    notes: "the next billing period begins with the carried balances as its opening ones",
  },
  {
    number: "S10",
    triggers: [{ event: "billing.closed" }],
    data: { earned: "billing.closed/earnedMinor", negative: "billing.closed/negativeCount" },
    commands: ["send.report"],
    event: null,
    notes: "a report to management after each day",
  },
  {
    number: "S11",
    triggers: [{ event: "billing.closed" }],
    data: { entries: "entry.posted/entries" },
    commands: ["send.audit"],
    event: null,
    notes: "the audit log of the day",
  },
];

/** What follows from what; each event must reach each command through a consumer. */
export const noteChains: readonly { events: readonly string[]; commands: readonly string[] }[] = [
  { events: ["user.created", "user.updated"], commands: ["task.assign"] },
  { events: ["task.updated"], commands: ["billing.task.done", "billing.task.assign"] },
  { events: ["billing.closed"], commands: ["send.audit", "send.report"] },
];

/** Who tells whom; services may listen to more than the note asks. */
export const noteContexts: readonly {
  event: string;
  kind: string;
  from: string;
  to: readonly string[];
  fields: readonly string[];
}[] = [
  {
    event: "user.created",
    kind: "cud",
    from: "auth",
    to: ["tasks", "accounting"],
    fields: ["userId", "name", "roles"],
  },
  { event: "user.updated", kind: "cud", from: "auth", to: ["tasks"], fields: ["userId", "name", "roles", "status"] },
  {
    event: "task.updated",
    kind: "business",
    from: "tasks",
    to: ["accounting"],
    fields: ["taskId", "title", "assigneeId", "isDone"],
  },
  {
    event: "billing.closed",
    kind: "barrier",
    from: "accounting",
    to: ["accounting", "notifications"],
    fields: ["period"],
  },
];

/** The note's queries and the operations that answer them. */
export const noteQueries: Readonly<Record<string, string>> = {
  "tasks (list)": "listTasks",
  "balance by popug": "listAccounts",
  "audit log (task ids and titles)": "listEntries",
  "total balance (total, number of popugs with a negative balance)": "getTotals",
  "top task (id, title, total)": "getTopTask",
};
