/** What a company sets and may change later, always from a period on. */
import { type Static, Type } from "typebox";
import { Currency } from "../../platform/contract.ts";

const Range = Type.Object({
  from: Type.Integer({ minimum: 1, maximum: 999_999_999 }),
  to: Type.Integer({ minimum: 1, maximum: 999_999_999 }),
});

export const CompanySettings = Type.Object({
  /** Bounds of the draws, inclusive, in whole units of the currency. */
  feeRange: Range,
  rewardRange: Range,
  currency: Currency,
  /** IANA name. */
  timeZone: Type.String({ maxLength: 60 }),
  /** Local time at which business days end: from noon on that of their own date, before noon that of the next one. */
  closesAt: Type.String({ pattern: "^([01]\\d|2[0-3]):[0-5]\\d$" }),
});
export type CompanySettings = Static<typeof CompanySettings>;
