/** Corrections, and the report of a day as it was given out and as it is with what was corrected since. */
import { Type } from "typebox";
import { Currency, Day, Minor, Nullable, OneOf, Timestamp, Uuid } from "../../../platform/contract.ts";
import { realDay } from "../../../platform/day.ts";
import { page, Page, pageParameters, readCursor } from "../../../platform/http/paging.ts";
import { query, type Route } from "../../../platform/http/route.ts";
import { Refusal } from "../../../platform/refusal.ts";
import { CORRECTION_SOURCE } from "../correction.ts";
import { type CorrectionRow, listCorrections, sumCorrections } from "../correction-store.ts";
import { listDayRows } from "../day-store.ts";
import { entryIdOf } from "../entry.ts";

/** A correction as the API shows it. */
export const Correction = Type.Object({
  id: Uuid,
  status: OneOf(["waiting", "posted"]),
  /** The entry that was wrong. */
  entryId: Type.String(),
  userId: Uuid,
  kind: OneOf(["fee", "reward"]),
  wasMinor: Minor,
  becomesMinor: Minor,
  effectiveDay: Day,
  reason: Type.String(),
  requestedBy: Uuid,
  requestedAt: Timestamp,
  needsSecond: Type.Boolean(),
  approvedBy: Nullable(Uuid),
  postedAt: Nullable(Timestamp),
  /** The entry that takes the old amount back. */
  reversalId: Nullable(Type.String()),
});

/** Amounts are those of the fee or reward, above zero; `reversalId` names the line that took the old one back. */
export function showCorrection(row: CorrectionRow) {
  const { period, position, partition, taskId: _, requestedAt, postedAt, ...rest } = row;
  const place = { source: CORRECTION_SOURCE, epoch: 0, partition, leg: 0 };
  return {
    ...rest,
    status: period === null ? ("waiting" as const) : ("posted" as const),
    requestedAt: requestedAt.toISOString(),
    postedAt: postedAt?.toISOString() ?? null,
    reversalId: period === null || position === null ? null : entryIdOf({ ...place, period, position }),
  };
}

const Sums = Type.Object({ feesMinor: Minor, rewardsMinor: Minor, earnedMinor: Minor });
const net = (feesMinor: number, rewardsMinor: number) => ({
  ...{ feesMinor, rewardsMinor, earnedMinor: feesMinor - rewardsMinor },
});

/** What accountants ask about corrections. */
export const correctionQueries: Route[] = [
  query({
    operationId: "listCorrections",
    method: "GET",
    path: "/corrections",
    policy: "accounts.all",
    summary: "Corrections, newest first; of one business day if it is given.",
    query: Type.Object({ ...pageParameters, day: Type.Optional(Day) }),
    response: Page(Correction),
    handle: async ({ sql }, { query: { limit = 50, cursor, day } }) => {
      const before = readCursor(cursor)?.[0];
      const filter = { ...(day !== undefined && { day: realDay(day) }), ...(before && { before: String(before) }) };
      return page(await listCorrections(sql, filter, limit + 1), limit, (row) => [row.id], showCorrection);
    },
  }),
  query({
    operationId: "getDayReport",
    method: "GET",
    path: "/days/:day/report",
    policy: "accounts.all",
    summary: "The income of a day as reported, the corrections as their own line, and the day as corrected.",
    params: Type.Object({ day: Day }),
    response: Type.Object({
      day: Day,
      currency: Currency,
      /** Every period of the day is closed: this part never changes any more. */
      closed: Type.Boolean(),
      asReported: Sums,
      /** Corrections about this day, wherever they were posted … */
      corrections: Type.Object({ ...Sums.properties, count: Type.Integer() }),
      /** … and those posted on this day, about whichever one: part of what was reported, not of the day. */
      postedHere: Type.Object({ ...Sums.properties, count: Type.Integer() }),
      /** As reported − posted here + corrections. */
      asCorrected: Sums,
    }),
    handle: async ({ sql }, { params }) => {
      const day = realDay(params.day);
      const [row] = await listDayRows(sql, { day }, 1);
      if (row === undefined) throw new Refusal("not-found", "day-not-found", `There are no books of ${day}.`);
      const { about, postedIn } = await sumCorrections(sql, day);
      return {
        ...{ day, currency: row.currency, closed: row.closed },
        asReported: net(row.feesMinor, row.rewardsMinor),
        corrections: { ...net(about.feesMinor, about.rewardsMinor), count: about.count },
        postedHere: { ...net(postedIn.feesMinor, postedIn.rewardsMinor), count: postedIn.count },
        asCorrected: net(
          row.feesMinor - postedIn.feesMinor + about.feesMinor,
          row.rewardsMinor - postedIn.rewardsMinor + about.rewardsMinor,
        ),
      };
    },
  }),
];
