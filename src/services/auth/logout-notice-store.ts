/** SQL about applications that have to be told of a sign-out: one function per question. */
import type { Sql } from "../../platform/service.ts";

export type LogoutNotice = { noticeId: number; clientId: string; sid: string; userId: string; attempts: number };

/** Takes notices that are due; somebody else who looks meanwhile does not get them for ten seconds. */
export async function dueNotices(sql: Sql, limit: number): Promise<LogoutNotice[]> {
  return sql<LogoutNotice>(
    `update logout_notice set attempts = attempts + 1, next_at = clock_timestamp() + interval '10 seconds'
      where notice_id in (select notice_id from logout_notice where next_at <= clock_timestamp()
                           order by next_at limit $1 for update skip locked)
     returning notice_id as "noticeId", client_id as "clientId", sid, user_id as "userId", attempts`,
    [limit],
  );
}

/** The notice is delivered, or given up. */
export async function dropNotice(sql: Sql, noticeId: number): Promise<void> {
  await sql("delete from logout_notice where notice_id = $1", [noticeId]);
}

/** 5 s, 20 s, 80 s, 320 s. */
export async function postponeNotice(sql: Sql, noticeId: number): Promise<void> {
  await sql(
    `update logout_notice set next_at = clock_timestamp() + 5 * 4 ^ (attempts - 1) * interval '1 second'
      where notice_id = $1`,
    [noticeId],
  );
}
