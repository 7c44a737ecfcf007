/**
 * Analytics: what the company earned, by day; who is below zero; which finished task was the most expensive. It only
 * listens: everything it knows comes from the events of accounting, tasks and auth, and can be rebuilt from them.
 */
import { onUser, peopleMigrations } from "../../people/replica.ts";
import type { Service } from "../../platform/service.ts";
import type { Settings } from "../../settings.ts";
import { onAccounting } from "./consumers/on-accounting.ts";
import { onTask } from "./consumers/on-task.ts";
import { routes } from "./routes.ts";

export function analyticsService(settings: Settings): Service {
  return {
    name: "analytics",
    migrations: [peopleMigrations, new URL("./migrations/", import.meta.url)],
    publishes: [],
    consumers: [onUser, onTask, onAccounting],
    jobs: [],
    routes: routes(settings),
  };
}
