/** The security audit: who did what to whom. Rows are only ever added. */
import type { ActorName } from "../../platform/event.ts";
import type { Sql } from "../../platform/service.ts";

export type AuditKind =
  | "user.created"
  | "user.changed"
  | "user.deactivated"
  | "user.reactivated"
  | "roles.changed"
  | "sign-in.succeeded"
  | "sign-in.failed"
  | "code.redeemed-twice"
  | "refresh-token.reused";

/** Adds an entry. Details never hold passwords, tokens or names: ids, roles and reasons only. */
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
