/** S8 by hand: an accountant or admin closes the open period now. The rest of the day becomes a further period. */
import { billingCloseRequestedV1 } from "../../../contracts/accounting/billing.close-requested.v1.ts";
import { command, type Route } from "../../../platform/http/route.ts";
import { Refusal } from "../../../platform/refusal.ts";
import { statusOf } from "../period.ts";
import { saveCloseRequest } from "../period-store.ts";
import { periodNumber, requirePeriod, ShownPeriod, showPeriods } from "../queries/periods.ts";

export const closePeriod: Route = command({
  operationId: "closePeriod",
  command: "billing.close",
  method: "POST",
  path: "/periods/:number/close",
  policy: "accounts.all",
  summary: "Asks for the open period to be ended now; it is closed as soon as all of it is booked.",
  params: periodNumber,
  response: ShownPeriod,
  status: 202,
  handle: async (ctx, { params: { number } }) => {
    const period = await requirePeriod(ctx.sql, number);
    const status = statusOf(period);
    if (status !== "open") {
      const what = status === "closed" ? "is closed already" : "is being closed already";
      throw new Refusal("conflict", "period-not-open", `Period ${number} (${period.label}) ${what}.`);
    }
    // Pressing twice before the end arrives is one request.
    if (await saveCloseRequest(ctx.sql, number, "person", ctx.now)) {
      ctx.emit(billingCloseRequestedV1, { requestKey: "billing", period: number, by: "person" }, { period: number });
    }
    // An open period waits for nothing.
    const [shown] = await showPeriods({ sql: ctx.sql, heads: async () => new Map() }, [period]);
    if (shown === undefined) throw new Error(`period ${number} went away`);
    return shown;
  },
});
