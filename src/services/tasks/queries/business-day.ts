/** The business day that is open: what "today" is, wherever somebody looks. */
import { type Static, Type } from "typebox";
import { Day, Nullable, Timestamp } from "../../../platform/contract.ts";
import type { QueryCtx } from "../../../platform/service.ts";
import { settingsIn } from "../company-settings-store.ts";
import type { Calendar } from "../registration-store.ts";

export const BusinessDay = Type.Object({
  period: Type.Integer(),
  /** In the zone; null in the moment before the first period. */
  businessDate: Nullable(Day),
  endsAt: Nullable(Timestamp),
  /** The zone of this day; the next one may have another. */
  timeZone: Type.String(),
});

/** The open period as tasks has it, so also while accounting still closes the one before. */
export async function businessDay(
  { sql }: Pick<QueryCtx, "sql">,
  first: Calendar,
): Promise<Static<typeof BusinessDay>> {
  const [open] = await sql<{ period: number; businessDate: string | null; endsAt: Date | null }>(
    `select period, business_date::text as "businessDate", ends_at as "endsAt" from registration`,
  );
  if (open === undefined) throw new Error("the registration row is missing");
  const { timeZone } = await settingsIn(sql, open.period, first);
  return { ...open, endsAt: open.endsAt?.toISOString() ?? null, timeZone };
}
