/** The OpenAPI document of the whole API, made from the routes alone: nothing is started, no database is touched. */
import { pino } from "pino";
import { addRoutes, createServer } from "../../platform/http/server.ts";
import type { RunningService } from "../../platform/run-service.ts";
import type { Service } from "../../platform/service.ts";
import { addOperations } from "../operations/routes.ts";
import { requirePolicies, type RoutePolicy } from "../route-policies.ts";
import type { App } from "../start.ts";

/** What `/api/openapi.json` answers when all these services run in one process, and who may use which route. */
export async function openApi(
  services: readonly Service[],
  version: string,
): Promise<{ document: object; routes: readonly RoutePolicy[] }> {
  const authorize = () => Promise.reject(new Error("this server only describes itself"));
  const server = await createServer({ log: pino({ level: "silent" }), authorize, ratePerSecond: 1, version });
  const routes = requirePolicies(server);
  // Registering a route reads its description only; a handler that is never called needs no running service.
  const running = services.map((service) => ({ service }) as RunningService);
  for (const one of running) addRoutes(server, one, authorize);
  addOperations(
    { server, services: new Map(running.map((one) => [one.service.name, one])) } as unknown as App,
    authorize,
  );
  await server.ready();
  const document = server.swagger();
  await server.close();
  return { document, routes };
}
