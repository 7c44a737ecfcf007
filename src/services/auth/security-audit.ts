/** The security audit: who did what to whom. Rows are only ever added, each chained to the one before it. */
import type { ActorName } from "../../platform/event.ts";
import type { Sql } from "../../platform/service.ts";

/** What is told of. */
export const auditKinds = [
  "installation.set-up",
  "user.created",
  "user.changed",
  "user.deactivated",
  "user.reactivated",
  "user.erased",
  "roles.changed",
  "invitation.made",
  "invitation.resent",
  "invitation.accepted",
  "invitation.revoked",
  "password.set",
  "password.changed",
  "password.reset",
  "password-link.made",
  "passkey.added",
  "passkey.renamed",
  "passkey.removed",
  "passkey.cloned",
  "token.issued",
  "token.revoked",
  "application.allowed",
  "application.revoked",
  "sign-in.succeeded",
  "sign-in.failed",
  "sign-in.delayed",
  "sign-in.linked",
  "sign-out",
  "session.ended",
  "admin.recovered",
  "code.redeemed-twice",
  "refresh-token.reused",
  "audit.exported",
] as const;
export type AuditKind = (typeof auditKinds)[number];

/**
 * Adds an entry; the last statement of a transaction that takes a lock, since entries are chained one by one. Details
 * never hold passwords, tokens or names: ids, roles and reasons only.
 */
export async function recordAudit(
  sql: Sql,
  kind: AuditKind,
  actor: ActorName,
  userId: string | null,
  details: Record<string, unknown> = {},
): Promise<void> {
  await sql(`insert into security_audit (kind, actor, user_id, details) values ($1, $2, $3, $4)`, [
    kind,
    actor,
    userId,
    JSON.stringify(details),
  ]);
}
