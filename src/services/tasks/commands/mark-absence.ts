/** Days away: nobody away is drawn, from the first day on; what they hold is drawn anew then, or stays, as they chose. */
import { v7 as uuidv7 } from "uuid";
import { findPerson } from "../../../people/replica.ts";
import { Refusal } from "../../../platform/refusal.ts";
import type { CommandCtx } from "../../../platform/service.ts";
import { type Absence, type AbsenceWish, assertNotOver, decideAbsence, mayMark } from "../absence.ts";
import {
  absenceNotFound,
  absencesOf,
  endAbsence,
  findAbsence,
  insertAbsence,
  readToday,
  saveAbsence,
} from "../absence-store.ts";
import { lockEligibility } from "../eligibility-store.ts";
import { handOutMisplaced } from "../hand-out.ts";
import { type Calendar, register } from "../registration-store.ts";

type Save = (at: { today: string; now: Date }) => Promise<Absence>;

/** Marks days away, one's own or, for managers and admins, somebody's. */
export function markAbsence(
  ctx: CommandCtx,
  wish: AbsenceWish & { userId: string },
  calendar: Calendar,
): Promise<Absence> {
  if (!mayMark(ctx.actor, wish.userId)) {
    throw new Refusal("forbidden", "not-your-absence", "Managers and admins mark the days of others.");
  }
  return changeEligible(ctx, calendar, async ({ today, now }) => {
    if (!(await findPerson(ctx.sql, wish.userId))) {
      throw new Refusal("not-found", "unknown-user", "There is no such user.");
    }
    const decided = decideAbsence(wish, today, await absencesOf(ctx.sql, wish.userId, today));
    const absence = { ...decided, absenceId: uuidv7(), userId: wish.userId };
    await insertAbsence(ctx, absence, { userId: ctx.actor.userId, now });
    return absence;
  });
}

/** Changes what is given. Of days away that have begun, the first one stays. */
export function changeAbsence(
  ctx: CommandCtx,
  absenceId: string,
  wish: Partial<AbsenceWish>,
  calendar: Calendar,
): Promise<Absence> {
  return changeEligible(ctx, calendar, async ({ today }) => {
    const before = await findMine(ctx, absenceId);
    const others = (await absencesOf(ctx.sql, before.userId, today)).filter((other) => other.absenceId !== absenceId);
    const { firstDay, lastDay, reassign, note } = { ...before, ...wish };
    const decided = decideAbsence({ firstDay, lastDay, reassign, note }, today, others, before);
    await saveAbsence(ctx, absenceId, decided);
    return { ...before, ...decided };
  });
}

/** Takes days away back; whoever is away now can be drawn again at once. */
export function cancelAbsence(ctx: CommandCtx, absenceId: string, calendar: Calendar): Promise<Absence> {
  return changeEligible(ctx, calendar, async ({ today, now }) => {
    const before = await findMine(ctx, absenceId);
    assertNotOver(before, today);
    await endAbsence(ctx, absenceId, { userId: ctx.actor.userId, now });
    return before;
  });
}

async function findMine(ctx: CommandCtx, absenceId: string): Promise<Absence> {
  const found = await findAbsence(ctx.sql, absenceId);
  if (!mayMark(ctx.actor, found.userId)) throw absenceNotFound();
  return found;
}

/** Keeps all draws out while it is decided who is away, and puts right at once what follows from it today. */
async function changeEligible(ctx: CommandCtx, calendar: Calendar, save: Save): Promise<Absence> {
  const registered = await register(ctx, calendar);
  await lockEligibility(ctx);
  const absence = await save({ today: await readToday(ctx.sql), now: registered.now });
  await handOutMisplaced(ctx, registered);
  return absence;
}
