/**
 * Who may do what: one table, from which the checks, their tests and a page of the documentation are made.
 * A route names its policy; what is "own" is decided by the handler, which sees the actor.
 */
export const roles = ["worker", "manager", "accountant", "admin"] as const;
export type Role = (typeof roles)[number];

const everyone = roles;

/** Policy → roles that pass. `anyone` needs no sign-in at all. */
export const policies = {
  anyone: "anonymous",
  "tasks.use": everyone, // create a task, list all tasks, my tasks, finish or reopen (own; any: admin)
  "tasks.shuffle": ["manager", "admin"],
  "account.own": everyone, // my balance, audit log, payslips
  "accounts.all": ["accountant", "admin"], // all accounts, income by day, periods, close now, exports
  analytics: ["admin"],
  people: ["admin"], // users, roles
  operations: ["admin"], // events, dead letters, mails, the demo clock
  "self.settings": everyone,
  catalogue: everyone,
} as const satisfies Record<string, "anonymous" | readonly Role[]>;

export type Policy = keyof typeof policies;
