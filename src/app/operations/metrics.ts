/**
 * `/metrics` in the format of Prometheus, of the services that run in this process, at an address of its own: figures of a company
 * are not for whoever reaches its web. Copies of a service tell the same of its database; take the maximum, not the sum.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { StartRefused } from "../../platform/start-refused.ts";
import type { App } from "../start.ts";
import { createFlow, type Flow } from "./flow.ts";

type Sample = [labels: Record<string, string>, value: number];

/**
 * Answers until `stop`.
 * @param app with the services that are told of
 * @throws StartRefused when the address cannot be listened on
 */
export async function serveMetrics(
  app: App,
  at: { host: string; port: number },
): Promise<{ url: string; stop: () => Promise<void> }> {
  const flow = createFlow(app);
  const server = createServer((request, response) => {
    const answer = async () => {
      if (request.url !== "/metrics") return response.writeHead(404).end();
      const text = metricsOf(await flow(), await loggedBy(app), failingParts(app));
      return response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }).end(text);
    };
    answer().catch((error: unknown) => {
      app.server.log.warn({ err: error }, "no metrics: the database does not answer");
      response.writeHead(503).end();
    });
  });
  server.listen(at.port, at.host);
  await once(server, "listening").catch((error: Error) => {
    throw new StartRefused(`POPUG_METRICS: ${at.host}:${at.port} cannot be listened on: ${error.message}.`);
  });
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { url: `http://${at.host}:${port}/metrics`, stop };
}

/** How many events each source has logged since ever: positions are given without holes. */
async function loggedBy(app: App): Promise<Sample[]> {
  const services = [...app.services.values()].filter(({ service }) => service.publishes.length > 0);
  return Promise.all(
    services.map(async ({ service, sql }): Promise<Sample> => {
      const [row] = await sql<{ events: number }>("select sum(position)::bigint as events from log_head");
      return [{ source: service.name }, row?.events ?? 0];
    }),
  );
}

/** What services do by themselves besides hearing others: sequencer, relay, jobs. */
function failingParts({ services }: App): Sample[] {
  return [...services.values()].flatMap(({ service, parts, failing }) =>
    [...parts.keys()]
      .filter((part) => !part.startsWith("consumer:"))
      .map((part): Sample => [{ service: service.name, part: part.replace("job:", "") }, failing().has(part) ? 1 : 0]),
  );
}

function metricsOf({ consumers, services }: Flow, logged: readonly Sample[], failing: readonly Sample[]): string {
  const each = (value: (consumer: Flow["consumers"][number]) => number) =>
    consumers.map((it): Sample => [{ service: it.service, consumer: it.consumer, source: it.source }, value(it)]);
  const of = (value: (service: Flow["services"][number]) => number) =>
    services.map((it): Sample => [{ service: it.name }, value(it)]);
  const { rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return [
    metric(
      "popug_consumer_lag_seconds",
      "gauge",
      "Wait of the oldest event not applied yet.",
      each((it) => it.lagSeconds),
    ),
    metric(
      "popug_consumer_lag_events",
      "gauge",
      "Events not applied yet.",
      each((it) => it.behind),
    ),
    metric(
      "popug_consumer_halted",
      "gauge",
      "1: stopped, see the log.",
      each((it) => (it.halted === null ? 0 : 1)),
    ),
    metric("popug_part_failing", "gauge", "1: its last try failed, see the log.", failing),
    metric(
      "popug_outbox_wait_seconds",
      "gauge",
      "Wait of the oldest event not logged yet.",
      of((it) => it.outboxSeconds),
    ),
    metric(
      "popug_outbox_events",
      "gauge",
      "Events not logged yet.",
      of((it) => it.outbox),
    ),
    metric(
      "popug_dead_letters",
      "gauge",
      "Events put aside and not decided about.",
      of((it) => it.deadLetters),
    ),
    metric("popug_log_events_total", "counter", "Events logged since ever.", logged),
    metric("process_resident_memory_bytes", "gauge", "Memory of this process.", [[{}, rss]]),
    metric("process_cpu_seconds_total", "counter", "CPU time of this process.", [[{}, (user + system) / 1e6]]),
  ].join("");
}

/** Names of services and consumers hold nothing that would have to be escaped. */
function metric(name: string, type: "gauge" | "counter", help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}
