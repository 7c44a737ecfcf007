/** Who may see which books: everybody their own, accountants and admins all. */
import { allows, coveredBy } from "../../people/policy.ts";
import { Refusal } from "../../platform/refusal.ts";
import type { Actor } from "../../platform/service.ts";

/** Whether this person may see the books of everybody, with what they came with: their roles, and a token's scopes. */
export function maySeeAllAccounts(actor: Actor): boolean {
  return allows("accounts.all", actor.roles) && (actor.scopes === undefined || coveredBy("accounts.all", actor.scopes));
}

/** Whether this person may see the books of that one. */
export function maySee(actor: Actor, userId: string): boolean {
  return actor.userId === userId || maySeeAllAccounts(actor);
}

/** Whether this person may see account numbers of others: people with the role for it, never a token. */
export function maySeePayDetails(actor: Actor): boolean {
  return allows("payouts.file", actor.roles) && actor.scopes === undefined;
}

/** Refuses people who ask for the books of somebody else without the right to. */
export function assertMaySee(actor: Actor, userId: string): void {
  if (!maySee(actor, userId)) {
    throw new Refusal("forbidden", "not-your-account", "You can see only your own account.");
  }
}
