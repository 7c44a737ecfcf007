import { Type } from "typebox";
import { Currency, Day, defineEvent, Minor, Uuid } from "../../platform/contract.ts";

/** closing = opening + credits − debits − payout; a payout above zero leaves a closing of zero. */
export const statementIssuedV1 = defineEvent({
  type: "statement.issued",
  source: "accounting",
  kind: "business",
  summary: "The account of a popug was closed for a period.",
  key: "userId",
  data: Type.Object({
    period: Type.Integer({ minimum: 1 }),
    businessDate: Day,
    /** `2026-11-22`, or `2026-11-22/2` for the second period of a day. */
    label: Type.String({ maxLength: 20 }),
    userId: Uuid,
    openingMinor: Minor,
    creditsMinor: Minor,
    debitsMinor: Minor,
    payoutMinor: Minor,
    closingMinor: Minor,
    currency: Currency,
  }),
});
