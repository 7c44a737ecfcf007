/** What every event about a payout says of it. */
import { Type } from "typebox";
import { Currency, Minor, Uuid } from "../../platform/contract.ts";

export const Payout = {
  /** The period that was closed with it; with the popug it names the payout. */
  period: Type.Integer({ minimum: 1 }),
  /** `2026-11-22`, or `2026-11-22/2` for the second period of a day. */
  label: Type.String({ maxLength: 20 }),
  userId: Uuid,
  amountMinor: Minor,
  currency: Currency,
};
