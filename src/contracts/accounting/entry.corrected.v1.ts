import { Type } from "typebox";
import { Currency, Day, defineEvent, Minor, Nullable, OneOf, Timestamp, Uuid } from "../../platform/contract.ts";

export const entryCorrectedV1 = defineEvent({
  type: "entry.corrected",
  source: "accounting",
  kind: "business",
  summary: "An entry was corrected: what was agreed on, by whom, and where it stands in the books. A replay reads it.",
  key: null,
  data: Type.Object({
    correctionId: Uuid,
    /** The entry that was wrong; `partition` of the event is its own. */
    entryId: Type.String({ maxLength: 120 }),
    userId: Uuid,
    taskId: Nullable(Uuid),
    kind: OneOf(["fee", "reward"]),
    wasMinor: Minor,
    becomesMinor: Minor,
    currency: Currency,
    effectiveDay: Day,
    reason: Type.String({ maxLength: 500 }),
    requestedBy: Uuid,
    requestedAt: Timestamp,
    needsSecond: Type.Boolean(),
    approvedBy: Nullable(Uuid),
    /** The period in which it is posted, and its number there, from 1. */
    period: Type.Integer({ minimum: 1 }),
    position: Type.Integer({ minimum: 1 }),
    postedAt: Timestamp,
  }),
});
