/**
 * The books, as accounting tells them, become figures of days, balances and finished tasks. About six statements per
 * batch, however many entries it brings: a shuffle of 100 000 tasks is a hundred thousand of them.
 */
import { billingClosedV1 } from "../../../contracts/accounting/billing.closed.v1.ts";
import { entryPostedV1 } from "../../../contracts/accounting/entry.posted.v1.ts";
import { statementIssuedV1 } from "../../../contracts/accounting/statement.issued.v1.ts";
import { consumer, ofType } from "../../../platform/service.ts";
import { countArrivals, sumEntries } from "../batch.ts";
import {
  addToBalances,
  addToCompletions,
  addToDays,
  keepArrivals,
  keepBelowZero,
  keepClosedPeriods,
} from "../figures-store.ts";

export const onAccounting = consumer({
  name: "on-accounting",
  source: "accounting",
  events: [entryPostedV1, statementIssuedV1, billingClosedV1],
  command: "analytics.count",
  async handle({ sql }, events) {
    const sums = sumEntries(ofType(events, entryPostedV1));
    const closings = ofType(events, statementIssuedV1).filter(({ data }) => data.closingMinor < 0);
    const barriers = ofType(events, billingClosedV1);
    const counted = events.filter(({ type }) => type !== billingClosedV1.type);

    await addToDays(sql, sums.days);
    await addToBalances(sql, sums.balances);
    await addToCompletions(sql, sums.completions);
    await keepBelowZero(sql, closings);
    await keepClosedPeriods(sql, barriers);
    await keepArrivals(sql, countArrivals(counted), barriers);
  },
});
