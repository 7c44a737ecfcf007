/** Analytics over HTTP: for admins only. */
import { Type } from "typebox";
import { Temporal } from "temporal-polyfill";
import { Day, OneOf } from "../../platform/contract.ts";
import { query, type Route } from "../../platform/http/route.ts";
import type { Settings } from "../../settings.ts";
import { getAnalytics } from "./queries/get-analytics.ts";
import { getRewards } from "./queries/get-rewards.ts";
import { getTopTask } from "./queries/get-top-task.ts";
import { Analytics, RewardsOfSpan, TopTaskOfSpan } from "./shapes.ts";
import { spans } from "./span.ts";

export function routes(settings: Settings): Route[] {
  /** What counts until the first event has come. */
  const before = (now: Date) => ({
    today: Temporal.Instant.fromEpochMilliseconds(now.getTime())
      .toZonedDateTimeISO(settings.timeZone)
      .toPlainDate()
      .toString(),
    currency: settings.currency,
  });
  return [
    query({
      operationId: "getAnalytics",
      method: "GET",
      path: "/analytics",
      policy: "analytics",
      summary: "What management earned on a day, popugs below zero, and the 30 days up to it.",
      query: Type.Object({ day: Type.Optional(Day) }),
      response: Analytics,
      handle: ({ sql, now }, { query: { day } }) => getAnalytics(sql, day, before(now)),
    }),
    query({
      operationId: "getTopTask",
      method: "GET",
      path: "/analytics/top-task",
      policy: "analytics",
      summary: "The finished task with the highest reward in a day, ISO week or month.",
      query: Type.Object({
        span: Type.Optional(OneOf(spans)),
        day: Type.Optional(Day),
      }),
      response: TopTaskOfSpan,
      handle: ({ sql, now }, { query: { span, day } }) => getTopTask(sql, { span: span ?? "day", day }, before(now)),
    }),
    query({
      operationId: "getRewards",
      method: "GET",
      path: "/analytics/rewards",
      policy: "analytics",
      summary: "How the rewards of finished tasks are distributed in a day, ISO week or month.",
      query: Type.Object({ span: Type.Optional(OneOf(spans)), day: Type.Optional(Day) }),
      response: RewardsOfSpan,
      handle: ({ sql, now }, { query: { span, day } }) => getRewards(sql, { span: span ?? "day", day }, before(now)),
    }),
  ];
}
