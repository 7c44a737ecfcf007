/** The trial balance of a period: what was debited and credited, by kind of account; both sides are the same sum. */
import { Type } from "typebox";
import { Currency, Minor, OneOf } from "../../../platform/contract.ts";
import { query, type Route } from "../../../platform/http/route.ts";
import { trialBalance } from "../trial-balance-store.ts";
import { periodNumber, requirePeriod } from "./periods.ts";

const kinds = [
  "popug",
  "fee-income",
  "reward-expense",
  "payout-clearing",
  "suspense",
  "write-off",
  "opening-balance",
] as const;

export const getTrialBalance: Route = query({
  operationId: "getTrialBalance",
  method: "GET",
  path: "/periods/:number/trial-balance",
  policy: "accounts.all",
  summary: "What a period has debited and credited so far, by kind of account, payouts included.",
  params: periodNumber,
  response: Type.Object({
    period: Type.Integer(),
    label: Type.String(),
    currency: Currency,
    items: Type.Array(Type.Object({ account: OneOf(kinds), debitsMinor: Minor, creditsMinor: Minor })),
    debitsMinor: Minor,
    creditsMinor: Minor,
  }),
  handle: async ({ sql }, { params: { number } }) => {
    const { label, currency } = await requirePeriod(sql, number);
    const moved = new Map((await trialBalance(sql, number)).map((row) => [row.account, row]));
    const items = kinds.map((account) => ({ debitsMinor: 0, creditsMinor: 0, ...moved.get(account), account }));
    return {
      ...{ period: number, label, currency, items },
      debitsMinor: items.reduce((sum, item) => sum + item.debitsMinor, 0),
      creditsMinor: items.reduce((sum, item) => sum + item.creditsMinor, 0),
    };
  },
});
