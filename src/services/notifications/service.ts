/**
 * Notifications: payslips to popugs, the daily report and the audit log to those who answer for the company, and what else
 * people want to be mailed. Consumers keep what arrives and queue what is told at once; a job queues a period's mails once all
 * of the period is here; another one sends them.
 */
import { peopleMigrations } from "../../people/replica.ts";
import type { Service } from "../../platform/service.ts";
import type { Settings } from "../../settings.ts";
import { onBillingClosed } from "./consumers/on-billing-closed.ts";
import { onEntryPosted } from "./consumers/on-entry-posted.ts";
import { onPayDetailsChanged } from "./consumers/on-pay-details-changed.ts";
import { onPayoutFailed } from "./consumers/on-payout-failed.ts";
import { onTask } from "./consumers/on-task.ts";
import { onUser } from "./consumers/on-user.ts";
import { onUserErased } from "./consumers/on-user-erased.ts";
import { onStatementIssued } from "./consumers/on-statement-issued.ts";
import { queuePeriodMailsJob } from "./jobs/queue-period-mails.ts";
import { sendMailsJob } from "./jobs/send-mails.ts";
import { routes } from "./routes.ts";

export function notificationsService(settings: Settings): Service {
  return {
    name: "notifications",
    migrations: [peopleMigrations, new URL("./migrations/", import.meta.url)],
    publishes: [],
    consumers: [
      onUser,
      onUserErased,
      onEntryPosted,
      onStatementIssued,
      onBillingClosed,
      onPayoutFailed,
      onPayDetailsChanged,
      onTask,
    ],
    jobs: [queuePeriodMailsJob, sendMailsJob(settings)],
    routes: routes(settings),
  };
}
