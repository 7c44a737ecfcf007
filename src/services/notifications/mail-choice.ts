/** Which mails are a choice of their readers, whose choice, and what counts until they choose. Pure. */
import type { Role } from "../../people/policy.ts";
import type { MailKind } from "./mail.ts";

type Rule = {
  /** Whether it is sent to who has not chosen; `always`: it is nobody's choice. */
  unlessChosen: boolean | "always";
  /** Whose roles it is for; absent: everybody's. */
  goesTo?: (roles: readonly string[]) => boolean;
  /** Written also to who has left: it is about their own money. */
  alsoToGone?: true;
};

/** Who reads what is about the whole company; all others get mails about themselves only. */
export const readers = {
  report: ["admin"],
  audit: ["admin", "accountant"],
  "dead-letters": ["admin"],
} as const satisfies Partial<Record<MailKind, readonly Role[]>>;

/** Tasks are drawn for those who are neither manager nor admin. */
export function isDrawn(roles: readonly string[]): boolean {
  return !roles.includes("manager") && !roles.includes("admin");
}

const oneOf = (some: readonly string[]) => (roles: readonly string[]) => roles.some((role) => some.includes(role));

const rules: Record<MailKind, Rule> = {
  // Off: the app tells at once, and of a shuffle it would be a mail to everybody.
  assignments: { unlessChosen: false, goesTo: isDrawn },
  payslip: { unlessChosen: true, alsoToGone: true },
  report: { unlessChosen: true, goesTo: oneOf(readers.report) },
  audit: { unlessChosen: true, goesTo: oneOf(readers.audit) },
  "dead-letters": { unlessChosen: true, goesTo: oneOf(readers["dead-letters"]) },
  // Whoever does not read these loses money, or does not see that somebody plays with their rights.
  "payout-failed": { unlessChosen: "always", alsoToGone: true },
  "pay-details-changed": { unlessChosen: "always", alsoToGone: true },
  "role-changed": { unlessChosen: "always" },
  // Asked for by whoever gets it.
  statement: { unlessChosen: "always" },
};

/** The kinds that people choose, in the order in which they are offered. */
export const choosableKinds = [
  "assignments",
  "payslip",
  "report",
  "audit",
  "dead-letters",
] as const satisfies readonly MailKind[];
export type ChoosableKind = (typeof choosableKinds)[number];

/** Whether mails of this kind go to people with these roles at all, so that there is something to choose. */
export function isOffered(kind: MailKind, roles: readonly string[]): boolean {
  return rules[kind].goesTo?.(roles) ?? true;
}

/** Whether a mail is wanted, by what its reader chose (null: nothing) and by who they are now. */
export function isWanted(
  kind: MailKind,
  chosen: boolean | null,
  { active, roles }: { active: boolean; roles: readonly string[] },
): boolean {
  const { unlessChosen, alsoToGone } = rules[kind];
  if (!active && alsoToGone !== true) return false;
  return isOffered(kind, roles) && (unlessChosen === "always" || (chosen ?? unlessChosen));
}
