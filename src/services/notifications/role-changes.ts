/** Which events about people changed somebody's roles. Pure. */
import type { userCreatedV1 } from "../../contracts/auth/user.created.v1.ts";
import type { userUpdatedV1 } from "../../contracts/auth/user.updated.v1.ts";
import type { Role } from "../../people/policy.ts";
import type { Received } from "../../platform/event.ts";

/** What is known of somebody: a state of theirs, and which roles they held in it. */
export type KnownRoles = { userId: string; version: number; roles: readonly Role[] };

export type RoleChange = { userId: string; version: number; from: readonly Role[]; to: readonly Role[] };

/**
 * The changes in a batch, in its order. Who was not known before is new and had no roles to change; who is deactivated with
 * the change has other worries; and without an address there is nobody to write to.
 */
export function roleChanges(
  known: readonly KnownRoles[],
  events: readonly Received<typeof userCreatedV1 | typeof userUpdatedV1>[],
): RoleChange[] {
  const latest = new Map(known.map((person) => [person.userId, person]));
  const changes: RoleChange[] = [];
  for (const { data } of events) {
    const { userId, version, roles, status, email } = data;
    const before = latest.get(userId);
    if (before !== undefined && before.version >= version) continue;
    latest.set(userId, { userId, version, roles });
    if (before === undefined || status !== "active" || email === "") continue;
    if (!isSame(before.roles, roles)) changes.push({ userId, version, from: before.roles, to: roles });
  }
  return changes;
}

const isSame = (some: readonly Role[], others: readonly Role[]) =>
  some.length === others.length && some.every((role) => others.includes(role));
