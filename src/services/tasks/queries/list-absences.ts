/** Days away that are not over. */
import { type Static, Type } from "typebox";
import { Day, Nullable, Uuid } from "../../../platform/contract.ts";
import type { QueryCtx } from "../../../platform/service.ts";
import { MAX_NOTE, maySeeAbsences } from "../absence.ts";

/** So many are listed: the nearest ones. */
const MAX_LISTED = 1_000;
/** So many people are offered. */
const MAX_PEOPLE = 10_000;

export const AbsenceView = Type.Object({
  absenceId: Uuid,
  userId: Uuid,
  firstDay: Day,
  lastDay: Day,
  reassign: Type.Boolean({ description: "open tasks are drawn anew when it begins" }),
  note: Type.String({ maxLength: MAX_NOTE }),
});

export const Absences = Type.Object({
  /** The day of the open period, by which it is decided who is away; null before the first one. */
  today: Nullable(Day),
  items: Type.Array(Type.Object({ ...AbsenceView.properties, userName: Nullable(Type.String()) })),
});

/** People whose days away can be marked. */
export const AbsencePeople = Type.Object({
  items: Type.Array(Type.Object({ userId: Uuid, name: Type.String() })),
});

/** Oneself; for managers and admins everybody who is drawn, by name. */
export async function listAbsencePeople({
  sql,
  actor,
}: Pick<QueryCtx, "sql" | "actor">): Promise<Static<typeof AbsencePeople>> {
  const whose = maySeeAbsences(actor) ? null : actor.userId;
  const items = await sql<Static<typeof AbsencePeople>["items"][number]>(
    `select user_id as "userId", name from eligible_person where $1::uuid is null or user_id = $1
      order by name, user_id limit ${MAX_PEOPLE}`,
    [whose],
  );
  return { items };
}

/** One's own; for managers and admins everybody's, or somebody's. The nearest first. */
export async function listAbsences(
  { sql, actor }: Pick<QueryCtx, "sql" | "actor">,
  userId: string | undefined,
): Promise<Static<typeof Absences>> {
  const whose = maySeeAbsences(actor) ? (userId ?? null) : actor.userId;
  const [registration] = await sql<{ today: string | null }>("select business_date::text as today from registration");
  const items = await sql<Static<typeof Absences>["items"][number]>(
    `select absence_id as "absenceId", a.user_id as "userId", p.name as "userName", first_day::text as "firstDay",
            last_day::text as "lastDay", reassign, note
       from absence a left join person p on p.user_id = a.user_id, registration r
      where cancelled_at is null and last_day >= coalesce(r.business_date, '-infinity') and ($1::uuid is null or a.user_id = $1)
      order by first_day, absence_id limit ${MAX_LISTED}`,
    [whose],
  );
  return { today: registration?.today ?? null, items };
}
