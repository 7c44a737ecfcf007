/** What tasks cost and pay. */
import { Type } from "typebox";
import { Currency, Minor, Uuid } from "../../../platform/contract.ts";
import { query, type Route } from "../../../platform/http/route.ts";
import type { Settings } from "../../../settings.ts";
import { minorPerUnit } from "../money.ts";
import { settingsNow } from "../period-store.ts";
import type { Price } from "../price.ts";

const MAX_TASKS = 200;
const UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const Bounds = Type.Object({ fromMinor: Minor, toMinor: Minor });

/** Prices belong to tasks, not to people: whoever may list tasks may know them. */
export const priceQueries = (settings: Settings): Route[] => {
  return [
    query({
      operationId: "listPrices",
      method: "GET",
      path: "/prices",
      policy: "tasks.use",
      summary: "Fee and reward of tasks, as far as they are drawn already, and the bounds of the draws.",
      query: Type.Object({
        // A text, not a list: 200 ids as repeated parameters would be a longer address than servers take.
        taskIds: Type.Optional(
          Type.String({
            maxLength: MAX_TASKS * 37,
            pattern: `^${UUID}(,${UUID})*$`,
            description: "ids, by commas",
          }),
        ),
      }),
      response: Type.Object({
        items: Type.Array(Type.Object({ taskId: Uuid, feeMinor: Minor, rewardMinor: Minor, currency: Currency })),
        fee: Bounds,
        reward: Bounds,
        currency: Currency,
      }),
      handle: async ({ sql }, { query: { taskIds } }) => {
        const rows =
          taskIds === undefined
            ? []
            : await sql<Price & { taskId: string; currency: string }>(
                `select task_id as "taskId", fee_minor as "feeMinor", reward_minor as "rewardMinor", currency
                   from price where task_id = any($1::uuid[])`,
                [taskIds.split(",").slice(0, MAX_TASKS)],
              );
        const { feeRange, rewardRange, currency } = await settingsNow(sql, settings);
        const unit = minorPerUnit(currency);
        const bounds = ({ from, to }: { from: number; to: number }) => ({ fromMinor: from * unit, toMinor: to * unit });
        return { items: rows, fee: bounds(feeRange), reward: bounds(rewardRange), currency };
      },
    }),
  ];
};
