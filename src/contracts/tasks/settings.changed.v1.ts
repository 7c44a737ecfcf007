import { Type } from "typebox";
import { defineEvent, Nullable, Uuid } from "../../platform/contract.ts";
import { CompanySettings } from "./company-settings.ts";

/** Whoever computes with settings takes them from the end of the period before (`task.registration-ended`), which is exact. */
export const settingsChangedV1 = defineEvent({
  type: "settings.changed",
  source: "tasks",
  kind: "business",
  summary: "The company's settings will be others from a period on.",
  key: "settingsId",
  data: Type.Object({
    settingsId: Uuid,
    /** The first period in which they count, unless they are changed once more before it begins. */
    effectivePeriod: Type.Integer({ minimum: 1 }),
    settings: CompanySettings,
    /** Null: nobody; the currency stayed what it was because a task came before its change. */
    changedBy: Nullable(Uuid),
  }),
});
