/** Payouts: those of a period for accountants, one's own for a popug. */
import { Type } from "typebox";
import { Currency, Day, Minor, Nullable, OneOf, Timestamp, Uuid } from "../../../platform/contract.ts";
import { page, Page, pageParameters, readCursor } from "../../../platform/http/paging.ts";
import { query, type Route } from "../../../platform/http/route.ts";
import { maskIban } from "../../../platform/iban.ts";
import type { Actor } from "../../../platform/service.ts";
import { maySeePayDetails } from "../access.ts";
import { payoutEntryId, payoutStates, returnEntryId } from "../payout.ts";
import { listPayouts, listPayoutsOf, type PayoutRow, sumPayouts } from "../payout-store.ts";
import { periodNumber, requirePeriod } from "./periods.ts";

const own = {
  period: Type.Integer(),
  label: Type.String(),
  businessDate: Day,
  amountMinor: Minor,
  currency: Currency,
  /** `waiting`: for the popug's pay details. */
  state: OneOf(payoutStates),
  /** Its line of the books, and the end-to-end id on the bank's statement. */
  entryId: Type.String(),
  /** Of the last step; null while it is requested. */
  changedAt: Nullable(Timestamp),
  /** Why it failed, and the line that gave it back. */
  reason: Nullable(Type.String()),
  returnedBy: Nullable(Type.String()),
};
const OwnPayout = Type.Object(own);

const Payout = Type.Object({
  ...own,
  userId: Uuid,
  userName: Type.String(),
  /** Where it was sent to, or would be now; masked for whoever may not see pay details. */
  iban: Nullable(Type.String()),
  holder: Nullable(Type.String()),
  /** The message id of the file that it was sent in. */
  file: Nullable(Type.String()),
  changedBy: Nullable(Uuid),
  changedByName: Nullable(Type.String()),
});

function showOwn(row: PayoutRow) {
  const { period, label, businessDate, amountMinor, currency, state, reason, partition } = row;
  const { returnPeriod, returnPosition: position } = row;
  return {
    ...{ period, label, businessDate, amountMinor, currency, state, reason },
    entryId: payoutEntryId(row),
    changedAt: row.changedAt?.toISOString() ?? null,
    returnedBy:
      returnPeriod === null || position === null ? null : returnEntryId({ period: returnPeriod, partition, position }),
  };
}

const showFor = (actor: Actor) => {
  const seesDetails = maySeePayDetails(actor);
  return (row: PayoutRow) => {
    const { userId, userName, file, changedBy, changedByName, iban, holder } = row;
    return {
      ...showOwn(row),
      ...{ userId, userName, file, changedBy, changedByName },
      iban: iban === null || seesDetails ? iban : maskIban(iban),
      holder: seesDetails ? holder : null,
    };
  };
};

export const payoutQueries: Route[] = [
  query({
    operationId: "listPayouts",
    method: "GET",
    path: "/periods/:number/payouts",
    policy: "payouts",
    summary: "The payouts of a period and what became of each; of one state if it is given.",
    params: periodNumber,
    query: Type.Object({ ...pageParameters, state: Type.Optional(OneOf(payoutStates)) }),
    response: Page(Payout),
    handle: async ({ sql, actor }, { params: { number }, query: { limit = 50, cursor, state } }) => {
      await requirePeriod(sql, number);
      const after = readCursor(cursor)?.[0];
      const which = { state, after: after === undefined ? null : String(after) };
      return page(await listPayouts(sql, number, which, limit + 1), limit, (row) => [row.userId], showFor(actor));
    },
  }),
  query({
    operationId: "getPayoutSums",
    method: "GET",
    path: "/periods/:number/payout-sums",
    policy: "payouts",
    summary: "How many payouts of a period are in each state.",
    params: periodNumber,
    response: Type.Object({
      items: Type.Array(
        Type.Object({ state: OneOf(payoutStates), count: Type.Integer(), amountMinor: Minor, currency: Currency }),
      ),
    }),
    handle: async ({ sql }, { params: { number } }) => {
      const { currency } = await requirePeriod(sql, number);
      const sums = await sumPayouts(sql, number);
      const ofState = new Map(sums.map((sum) => [sum.state, sum]));
      const none = { count: 0, amountMinor: 0 };
      return { items: payoutStates.map((state) => ({ ...none, ...ofState.get(state), state, currency })) };
    },
  }),
  query({
    operationId: "listMyPayouts",
    method: "GET",
    path: "/my/payouts",
    policy: "account.own",
    summary: "My payouts and what became of each, newest first.",
    query: Type.Object(pageParameters),
    response: Page(OwnPayout),
    handle: async ({ sql, actor }, { query: { limit = 50, cursor } }) => {
      const before = readCursor(cursor)?.[0];
      const rows = await listPayoutsOf(sql, actor.userId, before === undefined ? null : Number(before), limit + 1);
      return page(rows, limit, (row) => [row.period], showOwn);
    },
  }),
];
