/** The part of the configuration that is about several processes: which services run here, and where the others are. */
import { StartRefused } from "./platform/start-refused.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export type Processes = {
  /** The services that this process runs; null: all of them. */
  only: readonly string[] | null;
  /** Where the services that run elsewhere answer: one or more copies of each. */
  upstreams: Readonly<Record<string, readonly string[]>>;
  /** Where `/metrics` is answered; null: nowhere. */
  metrics: { host: string; port: number } | null;
  /** Where traces go, and the share of those beginning here that do; null: none are told. */
  traces: { endpoint: string; share: number } | null;
};

/**
 * @param services what `--services` said, names with commas between them
 * @param hasServer a PostgreSQL server is named that others can reach, too
 * @throws StartRefused when the parts could not find each other
 */
export function readProcesses(services: string | undefined, hasServer: boolean, env: Environment): Processes {
  const common = { upstreams: readUpstreams(env), metrics: readMetrics(env), traces: readTraces(env) };
  if (services === undefined) return { only: null, ...common };
  const only = services.split(",").map((name) => name.trim());
  if (!hasServer) {
    throw new StartRefused(
      "With --services a process runs a part of Popug, and the parts meet in a PostgreSQL server that all of them reach: " +
        "set DATABASE_URL. The embedded database belongs to one process, which runs everything.",
    );
  }
  if (!only.includes("auth") && !env["POPUG_PUBLIC_URL"]) {
    throw new StartRefused(
      "Tokens name the address under which people reach Popug as their issuer; a process without auth cannot know it: " +
        "set POPUG_PUBLIC_URL.",
    );
  }
  return { only, ...common };
}

/** The names are those of OpenTelemetry, whose exporter reads the other ones of its kind (headers, certificates) itself. */
function readTraces(env: Environment): Processes["traces"] {
  const endpoint = env["OTEL_EXPORTER_OTLP_ENDPOINT"];
  if (!endpoint) return null;
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    throw new StartRefused(
      `OTEL_EXPORTER_OTLP_ENDPOINT is "${endpoint}"; it looks like http://10.0.0.9:4318 (OTLP over HTTP).`,
    );
  }
  const text = env["OTEL_TRACES_SAMPLER_ARG"] || "1";
  if (!(Number(text) >= 0 && Number(text) <= 1)) {
    throw new StartRefused(`OTEL_TRACES_SAMPLER_ARG is "${text}"; it has to be a share from 0 to 1.`);
  }
  return { endpoint: endpoint.replace(/\/+$/, ""), share: Number(text) };
}

function readMetrics(env: Environment): Processes["metrics"] {
  const text = env["POPUG_METRICS"];
  if (!text) return null;
  const [, host, port] = /^([\w.-]+|\[[0-9a-f:]+\]):(\d{1,5})$/i.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new StartRefused(`POPUG_METRICS is "${text}"; it looks like 127.0.0.1:9464.`);
  }
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

function readUpstreams(env: Environment): Record<string, string[]> {
  const upstreams: Record<string, string[]> = {};
  const parts = (env["POPUG_UPSTREAMS"] ?? "").split(",").map((part) => part.trim());
  for (const part of parts.filter((text) => text !== "")) {
    const [, service = "", text = ""] = /^([a-z]+)=(.+)$/.exec(part) ?? [];
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.origin !== text.replace(/\/+$/, "").toLowerCase()) {
      throw new StartRefused(
        `POPUG_UPSTREAMS has "${part}"; it looks like tasks=http://10.0.0.2:7070,accounting=http://10.0.0.3:7070, with ` +
          "a service once for each of its copies.",
      );
    }
    (upstreams[service] ??= []).push(url.origin);
  }
  return upstreams;
}
