/** The statement of an account over any days: with what it began, what each period moved, with what it ended. */
import { Type } from "typebox";
import { Currency, Day, Minor, Uuid } from "../../../platform/contract.ts";
import { realDay } from "../../../platform/day.ts";
import { query, type Route } from "../../../platform/http/route.ts";
import { Refusal } from "../../../platform/refusal.ts";
import { assertMaySee } from "../access.ts";
import { statementLines } from "../account-statement-store.ts";

/** A year of days, each closed early now and then. */
const MAX_PERIODS = 800;

const Line = Type.Object({
  period: Type.Integer(),
  label: Type.String(),
  day: Day,
  openingMinor: Minor,
  creditsMinor: Minor,
  debitsMinor: Minor,
  payoutMinor: Minor,
  closingMinor: Minor,
  currency: Currency,
  closed: Type.Boolean({ description: "false: the period is not closed yet, and this is how it stands" }),
});

export const getAccountStatement: Route = query({
  operationId: "getAccountStatement",
  method: "GET",
  path: "/accounts/:userId/statement",
  policy: "account.own",
  summary:
    "The account over a range of business days, period by period: one's own, or anybody's for accountants and admins.",
  params: Type.Object({ userId: Uuid }),
  query: Type.Object({ from: Day, to: Day }),
  response: Type.Object({
    userId: Uuid,
    from: Day,
    to: Day,
    openingMinor: Minor,
    creditsMinor: Minor,
    debitsMinor: Minor,
    payoutMinor: Minor,
    closingMinor: Minor,
    /** The oldest first; a period in which nothing moved and nothing was owed has none. */
    lines: Type.Array(Line),
  }),
  handle: async ({ sql, actor }, { params: { userId }, query: { from, to } }) => {
    assertMaySee(actor, userId);
    if (realDay(from) > realDay(to)) throw new Refusal("invalid", "bad-range", "The range ends before it begins.");
    const lines = await statementLines(sql, userId, { from, to }, MAX_PERIODS + 1);
    if (lines.length > MAX_PERIODS) {
      throw new Refusal(
        "invalid",
        "range-too-long",
        `The range has more than ${MAX_PERIODS} periods; ask for less of it.`,
      );
    }
    const sum = (of: "creditsMinor" | "debitsMinor" | "payoutMinor") =>
      lines.reduce((total, line) => total + line[of], 0);
    return {
      ...{ userId, from, to, lines },
      openingMinor: lines[0]?.openingMinor ?? 0,
      ...{ creditsMinor: sum("creditsMinor"), debitsMinor: sum("debitsMinor"), payoutMinor: sum("payoutMinor") },
      closingMinor: lines.at(-1)?.closingMinor ?? 0,
    };
  },
});
