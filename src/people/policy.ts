/**
 * Who may do what: one table, from which the checks, their tests and a page of the documentation are made.
 * A route names its policy; what is "own" is decided by the handler, which sees the actor.
 */
export const roles = ["worker", "manager", "accountant", "admin"] as const;
export type Role = (typeof roles)[number];

const everyone = roles;

/** The roles that may be tied to a sign-in with a passkey. */
export const passkeyRoles: readonly string[] = ["accountant", "admin"] satisfies Role[];

/** What the owner of a personal access token can let it do. It never does more than its owner may at that moment. */
export const scopes = ["tasks", "account", "accounts", "analytics", "people", "operations"] as const;
export type Scope = (typeof scopes)[number];

type PolicyRow = {
  /** The roles that pass; `anonymous`: no sign-in is needed at all. */
  roles: "anonymous" | readonly Role[];
  /** The scope that a personal access token needs; `any`: every token passes; `none`: tokens never do, only people. */
  scope: Scope | "any" | "none";
  /** In words, for the documentation. */
  about: string;
};

/** The table. */
export const policies = {
  anyone: { roles: "anonymous", scope: "any", about: "what everybody may see" },
  "tasks.use": {
    roles: everyone,
    scope: "tasks",
    about: "create a task, list all tasks; my tasks; finish or reopen a task (one's own; an admin any)",
  },
  "tasks.shuffle": { roles: ["manager", "admin"], scope: "tasks", about: "draw all open tasks anew" },
  "tasks.cancel": { roles: ["manager", "admin"], scope: "tasks", about: "cancel a wrong or duplicate open task" },
  absences: { roles: everyone, scope: "tasks", about: "days away: one's own; for managers and admins anybody's" },
  "account.own": { roles: everyone, scope: "account", about: "my balance, audit log and payslips (always one's own)" },
  "accounts.all": {
    roles: ["accountant", "admin"],
    scope: "accounts",
    about: "all accounts, income by day, periods, close now, exports, corrections (never of one's own account)",
  },
  payouts: {
    roles: ["accountant", "admin"],
    scope: "accounts",
    about: "payouts of a period: what became of each, and say so (never give one back to one's own account)",
  },
  "payouts.file": {
    roles: ["accountant"],
    scope: "none",
    about: "account numbers of others: files for the bank, pay details. People only; admins see them masked elsewhere",
  },
  analytics: { roles: ["admin"], scope: "analytics", about: "figures of the company" },
  people: {
    roles: ["admin"],
    scope: "people",
    about: "users, roles, invitations, sessions of others, security audit, erasure",
  },
  operations: { roles: ["admin"], scope: "operations", about: "events, dead letters, mails, settings, the demo clock" },
  "self.view": { roles: everyone, scope: "any", about: "who I am, business time" },
  "self.settings": {
    roles: everyone,
    scope: "none",
    about:
      "my sessions, passkeys, password, personal access tokens, choice of mails: people only, so that a token cannot " +
      "beget another, nor silence what tells of it",
  },
  catalogue: { roles: everyone, scope: "any", about: "the event catalogue" },
} as const satisfies Record<string, PolicyRow>;

export type Policy = keyof typeof policies;

/**
 * What answers outside `/api` and why no policy of the table stands before it. A route that is neither below one of
 * these nor names a policy fails the boot.
 */
export const openPaths: Readonly<Record<string, string>> = {
  "/*": "the web app: files that hold no data of anybody",
  "/livez": "liveness, for whoever runs the process; says nothing else",
  "/readyz": "readiness, for whoever runs the process; says which part is not ready",
  "/api/openapi.json": "the description of the API, which is public",
  "/docs/errors": "what each refusal of the API means, where the `type` of a refusal leads",
  "/oidc/": "the OpenID provider, which checks its own protocol",
  "/": "the start page: who I am, how to sign in; shows the session's own person only",
  "/auth/": "signing in and out on the web; guarded by what the provider answers, and by the origin of the request",
  "/oidc-backchannel-logout": "a provider says that somebody signed out; guarded by its signature",
  "/setup": "the first admin; guarded by a link with 256 random bits, gone when anybody is there",
  "/login": "the sign-in pages; guarded by the cookie of the interaction",
  "/join": "setting a first password; guarded by a link with 256 random bits",
  "/reset": "a new password; guarded by a link with 256 random bits",
};

/** Whether the table lets a person with these roles pass; `null`: nobody is signed in. */
export function allows(policy: Policy, has: readonly string[] | null): boolean {
  const row: PolicyRow = policies[policy];
  if (row.roles === "anonymous") return true;
  if (has === null) return false;
  // Whoever is signed in passes where every role does, also with roles that are suspended for this session.
  return row.roles === everyone || row.roles.some((role) => has.includes(role));
}

/** Whether a personal access token with these scopes may be used where this policy stands. */
export function coveredBy(policy: Policy, granted: readonly string[]): boolean {
  const { scope }: PolicyRow = policies[policy];
  return scope === "any" || granted.includes(scope);
}

/** Whether only people themselves may do this, in an application of ours: no token, no application in their name. */
export function isForPeopleOnly(policy: Policy): boolean {
  return policies[policy].scope === "none";
}
