/** SQL that reads the security audit: one function per question. */
import type { Sql } from "../../platform/service.ts";
import type { AuditKind } from "./security-audit.ts";

export type AuditEntry = {
  entry: number;
  at: Date;
  kind: AuditKind;
  actor: string;
  userId: string | null;
  details: Record<string, unknown>;
  /** In hex. */
  hash: string;
};

export type AuditFilter = { kind?: AuditKind | undefined; userId?: string | undefined; actor?: string | undefined };

/** Entries before the given one, newest first. */
export async function findEntries(
  sql: Sql,
  filter: AuditFilter,
  before: number | undefined,
  limit: number,
): Promise<AuditEntry[]> {
  return sql<AuditEntry>(
    `select entry, at, kind, actor, user_id as "userId", details, encode(hash, 'hex') as hash from security_audit
      where ($1::text is null or kind = $1) and ($2::uuid is null or user_id = $2)
        and ($3::text is null or actor = $3) and ($4::bigint is null or entry < $4)
      order by entry desc limit $5`,
    [filter.kind ?? null, filter.userId ?? null, filter.actor ?? null, before ?? null, limit],
  );
}

/**
 * Recomputes the whole chain. `firstBroken` is the first entry that is not what was chained: changed, put in, or standing
 * behind a gap; null when there is none. Whether the newest ones were cut off shows by comparing `head` with an earlier one.
 */
export async function verifyChain(
  sql: Sql,
): Promise<{ entries: number; head: string | null; firstBroken: number | null }> {
  const [found] = await sql<{ entries: number; head: string | null; firstBroken: number | null }>(
    `select count(*) as entries,
            (select encode(hash, 'hex') from security_audit order by entry desc limit 1) as head,
            min(entry) filter (where hash <> wanted or entry <> place) as "firstBroken"
       from (select entry, hash, row_number() over w as place,
                    sha256(coalesce(lag(hash) over w, '\\x') || convert_to(security_audit_text(e), 'UTF8')) as wanted
               from security_audit e window w as (order by entry)) chained`,
  );
  if (!found) throw new Error("an aggregate gave no row");
  return found;
}

/** The hash of an entry, in hex; undefined when there is none. */
export async function hashOfEntry(sql: Sql, entry: number): Promise<string | undefined> {
  const rows = await sql<{ hash: string }>("select encode(hash, 'hex') as hash from security_audit where entry = $1", [
    entry,
  ]);
  return rows[0]?.hash;
}
