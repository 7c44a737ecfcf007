/** What happened to the security of this installation: as a list, as CSV, and whether it is still what was written. */
import { type Static, Type } from "typebox";
import { Nullable, OneOf, Timestamp, Uuid } from "../../../platform/contract.ts";
import { toCsv } from "../../../platform/csv.ts";
import { page, pageParameters, readCursor } from "../../../platform/http/paging.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx, QueryCtx } from "../../../platform/service.ts";
import { auditKinds, recordAudit } from "../security-audit.ts";
import { type AuditEntry, findEntries, hashOfEntry, verifyChain } from "../security-audit-store.ts";
import { findUser } from "../user-store.ts";

const filters = {
  kind: Type.Optional(OneOf(auditKinds)),
  userId: Type.Optional(Uuid),
  actor: Type.Optional(Type.String({ maxLength: 100, description: "`user:<id>` or `system:<part>`" })),
};
export const AuditQuery = Type.Object({ ...pageParameters, ...filters });

/** An entry as the API shows it. */
export const EntryView = Type.Object({
  entry: Type.Integer(),
  at: Timestamp,
  kind: OneOf(auditKinds),
  actor: Type.String(),
  userId: Nullable(Uuid),
  details: Type.Record(Type.String(), Type.Unknown()),
  hash: Type.String(),
});

const show = (entry: AuditEntry): Static<typeof EntryView> => ({ ...entry, at: entry.at.toISOString() });

/** `listSecurityAudit`, newest first. @throws Refusal `bad-cursor` */
export async function listSecurityAudit(ctx: QueryCtx, { query }: { query: Static<typeof AuditQuery> }) {
  return entriesPage(ctx, query, query);
}

export const HistoryQuery = Type.Object(pageParameters);

/** `getUserHistory`: what was done to one user, newest first. @throws Refusal `unknown-user`, `bad-cursor` */
export async function getUserHistory(
  ctx: QueryCtx,
  request: { params: { userId: string }; query: Static<typeof HistoryQuery> },
) {
  const { userId } = request.params;
  if (!(await findUser(ctx.sql, userId))) throw new Refusal("not-found", "unknown-user", "There is no such user.");
  return entriesPage(ctx, { userId }, request.query);
}

async function entriesPage(
  ctx: QueryCtx,
  filter: Pick<Static<typeof AuditQuery>, "kind" | "userId" | "actor">,
  query: Static<typeof HistoryQuery>,
) {
  const [before] = readCursor(query.cursor) ?? [];
  if (before !== undefined && !Number.isSafeInteger(before)) {
    throw new Refusal("invalid", "bad-cursor", "The cursor is not one that this list has given out.");
  }
  const limit = query.limit ?? 50;
  const rows = await findEntries(ctx.sql, filter, before as number | undefined, limit + 1);
  return page(rows, limit, (entry) => [entry.entry], show);
}

export const Verdict = Type.Object({
  ok: Type.Boolean(),
  entries: Type.Integer(),
  head: Nullable(Type.String({ description: "hash of the newest entry; keep it elsewhere and compare" })),
  firstBroken: Nullable(Type.Integer({ description: "the first entry that is not what was written" })),
});
export const VerifyQuery = Type.Object({
  entry: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: "with `hash`: also that this entry has that hash",
    }),
  ),
  hash: Type.Optional(Type.String({ pattern: "^[0-9a-f]{64}$" })),
});

/** `verifySecurityAudit`: recomputes the chain, and compares it with a hash that was kept elsewhere. */
export async function verifySecurityAudit(ctx: QueryCtx, { query }: { query: Static<typeof VerifyQuery> }) {
  const found = await verifyChain(ctx.sql);
  const kept = query.entry === undefined || (await hashOfEntry(ctx.sql, query.entry)) === query.hash;
  const firstBroken = found.firstBroken ?? (kept ? null : (query.entry ?? null));
  return { ...found, firstBroken, ok: firstBroken === null };
}

/** Rows of one export; a longer audit is exported in parts. */
const MAX_EXPORT = 50_000;

export const ExportRequest = Type.Object({
  ...filters,
  before: Type.Optional(Type.Integer({ minimum: 1, description: "only entries before this one" })),
});
export const Export = Type.Object({
  fileName: Type.String(),
  csv: Type.String(),
  /** For the next part; null when this was the last. */
  before: Nullable(Type.Integer()),
});

/** `exportSecurityAudit`: as CSV, newest first; that it was exported is an entry too. */
export async function exportSecurityAudit(ctx: CommandCtx, { body }: { body: Static<typeof ExportRequest> }) {
  const rows = await findEntries(ctx.sql, body, body.before, MAX_EXPORT + 1);
  const shown = rows.slice(0, MAX_EXPORT);
  const header = ["entry", "at", "kind", "actor", "user_id", "details", "hash"];
  const csv = toCsv([
    header,
    ...shown.map(({ entry, at, kind, actor, userId, details, hash }) => [
      String(entry),
      at.toISOString(),
      kind,
      actor,
      userId ?? "",
      JSON.stringify(details),
      hash,
    ]),
  ]);
  await recordAudit(ctx.sql, "audit.exported", `user:${ctx.actor.userId}`, null, { rows: shown.length });
  const fileName = `security-audit-${ctx.now.toISOString().slice(0, 10)}.csv`;
  return { fileName, csv, before: rows.length > MAX_EXPORT ? (shown.at(-1)?.entry ?? null) : null };
}
