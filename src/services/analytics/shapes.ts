/** What the routes answer. */
import { Type } from "typebox";
import { Currency, Day, Minor, Nullable, OneOf, Timestamp, Uuid } from "../../platform/contract.ts";
import { spans } from "./span.ts";

const DayFigures = {
  day: Day,
  /** Fees minus rewards; payouts are no part of it. */
  earnedMinor: Minor,
  feesMinor: Minor,
  rewardsMinor: Minor,
  /** Popugs below zero: now, for today; at the close, for a past day; null while that is not known. */
  negativeCount: Nullable(Type.Integer({ minimum: 0 })),
  /** All periods of the day are closed, and exactly the announced events have been counted. */
  final: Type.Boolean(),
};

export const Analytics = Type.Object({
  ...DayFigures,
  today: Day,
  currency: Currency,
  /** Business time of the newest event in the day's figures. */
  asOf: Nullable(Timestamp),
  /** The deepest hundred. */
  popugsBelowZero: Type.Array(Type.Object({ userId: Uuid, name: Nullable(Type.String()), balanceMinor: Minor })),
  /** Differences from what accounting announced. */
  findings: Type.Array(
    Type.Object({
      period: Type.Integer(),
      partition: Nullable(Type.Integer()),
      what: Type.String(),
      expected: Type.Integer(),
      counted: Type.Integer(),
    }),
  ),
  /** The 30 days up to this one, oldest first. */
  series: Type.Array(Type.Object(DayFigures)),
});

export const TopTaskOfSpan = Type.Object({
  span: OneOf(spans),
  from: Day,
  to: Day,
  task: Nullable(
    Type.Object({
      id: Uuid,
      title: Nullable(Type.String()),
      jiraId: Nullable(Type.String()),
      rewardMinor: Minor,
      userId: Uuid,
      name: Nullable(Type.String()),
      completedAt: Timestamp,
    }),
  ),
  /** Tasks finished in the span, and what was paid for them. */
  doneCount: Type.Integer({ minimum: 0 }),
  totalMinor: Minor,
  currency: Currency,
});

export const RewardsOfSpan = Type.Object({
  span: OneOf(spans),
  from: Day,
  to: Day,
  /** How wide a bar is. */
  stepMinor: Minor,
  /** Those that hold something, from the lowest on; each begins at `fromMinor`. */
  bars: Type.Array(Type.Object({ fromMinor: Minor, count: Type.Integer({ minimum: 1 }) })),
  currency: Currency,
});
