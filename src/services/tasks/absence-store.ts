/** SQL of days away. */
import { Refusal } from "../../platform/refusal.ts";
import type { Ctx, Sql } from "../../platform/service.ts";
import type { Absence, AbsenceWish } from "./absence.ts";

const columns = `absence_id as "absenceId", user_id as "userId", first_day::text as "firstDay", last_day::text as "lastDay",
  reassign, note`;

/** The day of the open period. Whoever has joined the period can rely on it. */
export async function readToday(sql: Sql): Promise<string> {
  const [row] = await sql<{ today: string }>("select business_date::text as today from registration");
  if (row === undefined) throw new Error("the registration row is missing");
  return row.today;
}

/** The days away of somebody from a day on, the nearest first. */
export async function absencesOf(sql: Sql, userId: string, from: string): Promise<Absence[]> {
  return await sql<Absence>(
    `select ${columns} from absence where user_id = $1 and last_day >= $2 and cancelled_at is null order by first_day`,
    [userId, from],
  );
}

/** One that was not cancelled. @throws Refusal `absence-not-found` */
export async function findAbsence(sql: Sql, absenceId: string): Promise<Absence> {
  const [found] = await sql<Absence>(`select ${columns} from absence where absence_id = $1 and cancelled_at is null`, [
    absenceId,
  ]);
  if (found === undefined) throw absenceNotFound();
  return found;
}

/** There is none, or it is somebody else's. */
export const absenceNotFound = () => new Refusal("not-found", "absence-not-found", "There are no such days away.");

/** Writes down days away; the caller holds the exclusive lock of eligibility, as in all of these. */
export async function insertAbsence(ctx: Ctx, absence: Absence, by: { userId: string; now: Date }): Promise<void> {
  await ctx.sql(
    `insert into absence (absence_id, user_id, first_day, last_day, reassign, note, marked_by, marked_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      absence.absenceId,
      absence.userId,
      absence.firstDay,
      absence.lastDay,
      absence.reassign,
      absence.note,
      by.userId,
      by.now,
    ],
  );
}

/** Other days, another note. */
export async function saveAbsence(ctx: Ctx, absenceId: string, wish: AbsenceWish): Promise<void> {
  await ctx.sql("update absence set first_day = $2, last_day = $3, reassign = $4, note = $5 where absence_id = $1", [
    absenceId,
    wish.firstDay,
    wish.lastDay,
    wish.reassign,
    wish.note,
  ]);
}

/** It is taken back; from now on it keeps nobody out of the draw. */
export async function endAbsence(ctx: Ctx, absenceId: string, by: { userId: string; now: Date }): Promise<void> {
  await ctx.sql("update absence set cancelled_by = $2, cancelled_at = $3 where absence_id = $1", [
    absenceId,
    by.userId,
    by.now,
  ]);
}

/** What somebody erased had written there is forgotten. */
export async function forgetNotes(sql: Sql, userIds: readonly string[]): Promise<void> {
  await sql("update absence set note = '' where user_id = any($1) and note <> ''", [userIds]);
}
