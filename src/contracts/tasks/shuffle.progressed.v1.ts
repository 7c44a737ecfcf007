import { Type } from "typebox";
import { defineEvent, Uuid } from "../../platform/contract.ts";

export const shuffleProgressedV1 = defineEvent({
  type: "shuffle.progressed",
  source: "tasks",
  kind: "business",
  summary: "A chunk of a shuffle has been drawn.",
  key: "shuffleId",
  data: Type.Object({
    shuffleId: Uuid,
    /** Open tasks when it began. */
    total: Type.Integer({ minimum: 0 }),
    /** Draws made so far. */
    drawn: Type.Integer({ minimum: 0 }),
  }),
});
