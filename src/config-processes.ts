/** The part of the configuration that is about several processes: which services run here, and where the others are. */
import { StartRefused } from "./platform/start-refused.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export type Processes = {
  /** The services that this process runs; null: all of them. */
  only: readonly string[] | null;
  /** Where the services that run elsewhere answer: one or more copies of each. */
  upstreams: Readonly<Record<string, readonly string[]>>;
};

/**
 * @param services what `--services` said, names with commas between them
 * @throws StartRefused when the parts could not find each other
 */
export function readProcesses(services: string | undefined, env: Environment): Processes {
  const upstreams = readUpstreams(env);
  if (services === undefined) return { only: null, upstreams };
  const only = services.split(",").map((name) => name.trim());
  if (!env["DATABASE_URL"]) {
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
  return { only, upstreams };
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
