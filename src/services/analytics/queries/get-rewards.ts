import type { Static } from "typebox";
import type { Sql } from "../../../platform/service.ts";
import { findPresent, type Present } from "../day-store.ts";
import type { RewardsOfSpan } from "../shapes.ts";
import { type Span, spanAround } from "../span.ts";
import { countRewards } from "../top-task-store.ts";

/** Bars of the distribution at most. */
const MAX_BARS = 40;

/**
 * How the rewards of the finished tasks of a day, ISO week or month are distributed. A bar is one unit of the currency
 * wide, or as many as it takes for forty bars to hold all.
 */
export async function getRewards(
  sql: Sql,
  asked: { span: Span; day: string | undefined },
  before: Present,
): Promise<Static<typeof RewardsOfSpan>> {
  const { today, currency } = await findPresent(sql, before);
  const day = asked.day ?? today;
  const { from, to } = spanAround(asked.span, day);
  const digits = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
  const { stepMinor, bars } = await countRewards(sql, from, to, 10 ** (digits ?? 2), MAX_BARS);
  return { span: asked.span, from, to, stepMinor, bars, currency };
}
