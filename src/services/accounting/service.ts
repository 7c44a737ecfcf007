/**
 * Accounting: turns what happened to tasks into money, and closes each period on proof.
 * Prices are drawn once; every posting goes back to one event; a closed period never changes.
 */
import { billingCloseRequestedV1 } from "../../contracts/accounting/billing.close-requested.v1.ts";
import { billingClosedV1 } from "../../contracts/accounting/billing.closed.v1.ts";
import { entryCorrectedV1 } from "../../contracts/accounting/entry.corrected.v1.ts";
import { entryPostedV4 } from "../../contracts/accounting/entry.posted.v4.ts";
import { payDetailsChangedV1 } from "../../contracts/accounting/pay-details.changed.v1.ts";
import { payoutConfirmedV1 } from "../../contracts/accounting/payout.confirmed.v1.ts";
import { payoutFailedV1 } from "../../contracts/accounting/payout.failed.v1.ts";
import { payoutRequestedV1 } from "../../contracts/accounting/payout.requested.v1.ts";
import { payoutSentV1 } from "../../contracts/accounting/payout.sent.v1.ts";
import { statementIssuedV1 } from "../../contracts/accounting/statement.issued.v1.ts";
import { taskPricedV1 } from "../../contracts/accounting/task.priced.v1.ts";
import { peopleMigrations } from "../../people/replica.ts";
import type { Service } from "../../platform/service.ts";
import type { Settings } from "../../settings.ts";
import { onBillingClosed } from "./consumers/on-billing-closed.ts";
import { onTask } from "./consumers/on-task.ts";
import { onUserErased } from "./consumers/on-user-erased.ts";
import { onUser } from "./consumers/on-user.ts";
import { checkClosed } from "./jobs/check-closed.ts";
import { closeComplete } from "./jobs/close-complete.ts";
import { closeDue } from "./jobs/close-due.ts";
import { accountingRoutes } from "./routes.ts";

export function accountingService(settings: Settings): Service {
  return {
    name: "accounting",
    migrations: [peopleMigrations, new URL("./migrations/", import.meta.url)],
    publishes: [
      taskPricedV1,
      entryPostedV4,
      entryCorrectedV1,
      billingCloseRequestedV1,
      statementIssuedV1,
      payoutRequestedV1,
      payoutSentV1,
      payoutConfirmedV1,
      payoutFailedV1,
      payDetailsChangedV1,
      billingClosedV1,
    ],
    consumers: [onUser, onUserErased, onTask(settings), onBillingClosed],
    jobs: [closeDue, closeComplete, checkClosed],
    routes: accountingRoutes(settings),
  };
}
