/** Which services there are, and all that they say. */
import type { EventContract } from "../platform/contract.ts";
import type { Service } from "../platform/service.ts";
import { accountingService } from "../services/accounting/service.ts";
import { analyticsService } from "../services/analytics/service.ts";
import { authService } from "../services/auth/service.ts";
import { notificationsService } from "../services/notifications/service.ts";
import { tasksService } from "../services/tasks/service.ts";
import type { Settings } from "../settings.ts";

/** The five services, in the order in which they are migrated and started. */
export function allServices(settings: Settings): Service[] {
  return [
    authService(settings),
    tasksService(settings),
    accountingService(settings),
    analyticsService(settings),
    notificationsService(settings),
  ];
}

/** Every version of every event, the old ones too: what may stand in a log. */
export function allContracts(services: readonly Service[]): EventContract[] {
  const contracts = new Set<EventContract>();
  for (const service of services) {
    for (const published of service.publishes) {
      for (let c: EventContract | undefined = published; c; c = c.previous?.contract) contracts.add(c);
    }
  }
  return [...contracts];
}
