import { Type } from "typebox";
import { Day, defineEvent, Nullable, OneOf, Timestamp } from "../../platform/contract.ts";
import { CompanySettings } from "./company-settings.ts";

/**
 * The barrier. In every partition, all events of `period` stand before it and all later ones behind it; the envelope's
 * `control` says how many there were. Period 0 is the time before the first period: it has no date and holds no events.
 */
export const taskRegistrationEndedV1 = defineEvent({
  type: "task.registration-ended",
  source: "tasks",
  kind: "barrier",
  summary: "The registration of a period has ended; nothing of it will follow.",
  key: null,
  data: Type.Object({
    period: Type.Integer({ minimum: 0 }),
    businessDate: Nullable(Day),
    /** 1, or 2, 3, … for the further periods of a day that was closed early. */
    part: Type.Integer({ minimum: 0 }),
    endedAt: Timestamp,
    cause: OneOf(["schedule", "request", "founding"]),
    lastTaskNumber: Type.Integer({ minimum: 0 }),
    next: Type.Object({
      period: Type.Integer({ minimum: 1 }),
      businessDate: Day,
      part: Type.Integer({ minimum: 1 }),
      beginsAt: Timestamp,
      endsAt: Timestamp,
      /** What counts in it; absent in what was written before settings had versions. */
      settings: Type.Optional(CompanySettings),
    }),
  }),
});
