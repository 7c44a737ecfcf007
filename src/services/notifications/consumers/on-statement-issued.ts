/** Keeps the statements of each period; once all of the period is here, payslips are made of them. */
import { billingClosedV1 } from "../../../contracts/accounting/billing.closed.v1.ts";
import { statementIssuedV1 } from "../../../contracts/accounting/statement.issued.v1.ts";
import { consumer, ofType } from "../../../platform/service.ts";
import { countArrivals } from "../arrivals.ts";
import { keepArrivals, keepStatements } from "../period-store.ts";

export const onStatementIssued = consumer({
  name: "on-statement-issued",
  source: "accounting",
  events: [statementIssuedV1, billingClosedV1],
  command: "send.payslip",
  async handle({ sql }, events) {
    await keepStatements(sql, ofType(events, statementIssuedV1));
    await keepArrivals(sql, countArrivals(events, statementIssuedV1.type));
  },
});
