/**
 * The registration row: who emits joins the open period first, who ends it waits for those who joined.
 * From that and the sequencer's order follows the exact barrier: every event of a period stands before its barrier.
 */
import type { CompanySettings } from "../../contracts/tasks/company-settings.ts";
import { taskRegistrationEndedV1 } from "../../contracts/tasks/task.registration-ended.v1.ts";
import type { Received } from "../../platform/event.ts";
import { type Ctx, DoFirst, type EmitOptions, type JobTools } from "../../platform/service.ts";
import { saveSettings, settingsIn } from "./company-settings-store.ts";
import { causeOfEnd, isDue, type Period, periodAfter, type Registration } from "./registration.ts";

/** What is set in the environment: it counts until somebody changes the company's settings. */
export type Calendar = CompanySettings;

/** What `register` answers: the period to stamp, and business time, which lies within it. */
export type Registered = { period: number; now: Date };

/** The most periods that are ended in one go: more days without activity than any installation sleeps. */
const MAX_PERIODS = 4_000;

/**
 * Joins the open period until the end of the transaction. Every transaction that emits does this first, before it locks
 * anything else, and stamps the period on all that it emits (`stamp`).
 * @throws DoFirst when the period is due; the transaction is tried again after the period was ended
 */
export async function register(ctx: Ctx, calendar: Calendar): Promise<Registered> {
  const [row] = await ctx.sql<{ period: number; now: Date; due: boolean }>("select period, now, due from register()");
  if (row === undefined) throw new Error("the registration row is missing");
  if (row.due) throw new DoFirst("end the period that is due", (tools) => endDuePeriods(tools, calendar));
  return { period: row.period, now: row.now };
}

/** The options of every event of a transaction that has joined a period. */
export function stamp({ period, now }: Registered): EmitOptions {
  return { period, time: now };
}

/** Whether the open period has to be ended. Joins nothing: worth a look only, `endDuePeriods` looks again under the lock. */
export async function isPeriodDue(sql: Ctx["sql"]): Promise<boolean> {
  const [row] = await sql<{ due: boolean }>("select popug.business_now() >= ends_at as due from registration");
  return row?.due ?? false;
}

/** Ends what is due, one period per transaction, until the open one lies in the future. @returns how many */
export async function endDuePeriods(tools: JobTools, calendar: Calendar): Promise<number> {
  const endOne = (ctx: Ctx) => endPeriod(ctx, calendar, isDue);
  for (let ended = 0; ended < MAX_PERIODS; ended++) {
    if (!(await tools.transact("task.end-registration", "system:schedule", endOne))) return ended;
  }
  return MAX_PERIODS;
}

/**
 * Ends the open period if `wanted` says so, seen under the lock that keeps everybody else out; else changes nothing.
 * The transaction must not have joined the period itself.
 */
export async function endPeriod(
  ctx: Ctx,
  calendar: Calendar,
  wanted: (open: Registration, now: Date) => boolean,
  cause?: Received,
): Promise<boolean> {
  const [open] = await ctx.sql<Registration & { now: Date; lastTaskNumber: number }>(
    `select period, business_date as "businessDate", part, ends_at as "endsAt", now, last_task_number as "lastTaskNumber"
       from lock_registration()`,
  );
  if (open === undefined) throw new Error("the registration row is missing");
  if (!wanted(open, open.now)) return false;
  const { settings, currencyStays } = await nextSettings(ctx, open, calendar);
  const next = periodAfter(open, open.now, settings);
  await saveOpenPeriod(ctx, next);
  if (currencyStays) {
    const version = { effectivePeriod: next.period, settings, changedBy: null, at: next.beginsAt };
    await saveSettings(ctx, version, { period: open.period, time: next.beginsAt });
  }
  ctx.emit(
    taskRegistrationEndedV1,
    {
      period: open.period,
      businessDate: open.businessDate,
      part: open.part,
      endedAt: next.beginsAt.toISOString(),
      cause: causeOfEnd(open, open.now),
      lastTaskNumber: open.lastTaskNumber,
      next: { ...next, beginsAt: next.beginsAt.toISOString(), endsAt: next.endsAt.toISOString(), settings },
    },
    { period: open.period, time: next.beginsAt, ...(cause && { cause }) },
  );
  return true;
}

/** What counts in the next period. Nobody can register anything now, so it is certain whether there is a task already. */
async function nextSettings(
  ctx: Ctx,
  open: { period: number; lastTaskNumber: number },
  calendar: Calendar,
): Promise<{ settings: CompanySettings; currencyStays: boolean }> {
  const { currency } = await settingsIn(ctx.sql, open.period, calendar);
  const settings = await settingsIn(ctx.sql, open.period + 1, calendar);
  // The first task came after the change and before the period in which it would have counted.
  const currencyStays = settings.currency !== currency && open.lastTaskNumber > 0;
  return { settings: currencyStays ? { ...settings, currency } : settings, currencyStays };
}

async function saveOpenPeriod(ctx: Ctx, next: Period): Promise<void> {
  await ctx.sql("update registration set period = $1, business_date = $2, part = $3, began_at = $4, ends_at = $5", [
    next.period,
    next.businessDate,
    next.part,
    next.beginsAt,
    next.endsAt,
  ]);
}
