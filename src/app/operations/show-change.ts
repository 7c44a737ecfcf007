/** What a person is told of an event in the stream of changes: enough to know what to fetch again, and nothing of others. */
import { entryPostedV1 } from "../../contracts/accounting/entry.posted.v1.ts";
import type { DataOf } from "../../platform/contract.ts";
import type { LogRow } from "../../platform/event.ts";
import type { Actor } from "../../platform/service.ts";

const seesAllAccounts = (actor: Actor) => actor.roles.some((role) => role === "accountant" || role === "admin");

/** Null: not theirs to know. */
export function showChange(event: LogRow, actor: Actor): Record<string, unknown> | null {
  if (event.source === "tasks") return event.control === null ? taskChange(event) : { period: event.period };
  if (event.source === "accounting") return accountingChange(event, actor);
  if (event.source === "auth") {
    const isMe = event.key === actor.userId;
    return isMe || actor.roles.includes("admin") ? {} : null;
  }
  return actor.roles.includes("admin") ? {} : null;
}

function taskChange(event: LogRow): Record<string, unknown> {
  const data = event.data as Record<string, unknown>;
  if (event.type.startsWith("shuffle.")) return { total: data["total"], drawn: data["drawn"] };
  return { assigneeId: data["assigneeId"] ?? null };
}

function accountingChange(event: LogRow, actor: Actor): Record<string, unknown> | null {
  if (event.type === entryPostedV1.type) {
    const { entries, period } = event.data as DataOf<typeof entryPostedV1>;
    if (seesAllAccounts(actor)) return { period, entries: entries.length };
    const mine = entries.filter((entry) => entry.userId === actor.userId).length;
    return mine === 0 ? null : { period, entries: mine };
  }
  if (event.type === "task.priced" || event.control !== null) return { period: event.period };
  if (event.key === actor.userId || seesAllAccounts(actor)) return { period: event.period };
  return null;
}
