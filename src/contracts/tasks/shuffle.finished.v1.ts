import { Type } from "typebox";
import { defineEvent, Uuid } from "../../platform/contract.ts";

export const shuffleFinishedV1 = defineEvent({
  type: "shuffle.finished",
  source: "tasks",
  kind: "business",
  summary: "Every task that was open when the shuffle came to it has been drawn.",
  key: "shuffleId",
  data: Type.Object({
    shuffleId: Uuid,
    /** Open tasks when it began. */
    total: Type.Integer({ minimum: 0 }),
    /** Draws made so far. */
    drawn: Type.Integer({ minimum: 0 }),
  }),
});
