import { Type } from "typebox";
import { defineEvent, Uuid } from "../../platform/contract.ts";

export const shuffleStartedV1 = defineEvent({
  type: "shuffle.started",
  source: "tasks",
  kind: "business",
  summary: "A manager began to hand out all open tasks anew.",
  key: "shuffleId",
  data: Type.Object({
    shuffleId: Uuid,
    /** Open tasks when it began. */
    total: Type.Integer({ minimum: 0 }),
    /** Draws made so far. */
    drawn: Type.Integer({ minimum: 0 }),
  }),
});
