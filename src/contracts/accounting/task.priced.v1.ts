import { Type } from "typebox";
import { Currency, defineEvent, Minor, Uuid } from "../../platform/contract.ts";

export const taskPricedV1 = defineEvent({
  type: "task.priced",
  source: "accounting",
  kind: "business",
  summary: "Fee and reward of a task were drawn, once and for all.",
  key: "taskId",
  data: Type.Object({ taskId: Uuid, feeMinor: Minor, rewardMinor: Minor, currency: Currency }),
});
