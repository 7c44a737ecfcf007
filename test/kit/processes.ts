/** The product as several processes: each runs some of the services, and the tests see nothing but its web address and its databases. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { freePort } from "./free-port.ts";
import { until } from "./until.ts";

const READY_WITHIN_MS = 90_000;
const here = resolve(import.meta.dirname, "../..");

export type Copy = {
  services: readonly string[];
  url: string;
  child: () => ChildProcess;
  /** Resolves when it says that it is ready. `tree`: another version, where that is checked out. */
  start: (tree?: string) => Promise<void>;
  /** Sends a signal; SIGSTOP and SIGCONT pause and wake it, after all others it has ended when this resolves. */
  signal: (name: NodeJS.Signals) => Promise<void>;
  /** The last lines that it said. */
  said: () => string;
};

/**
 * One process for each list of services, the same settings for all. The first that runs auth is where people come in.
 * @param env what all of them are told, besides where the others are
 * @param own what each is told besides, by its place in the layout
 */
export async function layOut(
  layout: readonly (readonly string[])[],
  env: Record<string, string>,
  own: (index: number) => Record<string, string> = () => ({}),
) {
  const placed: { services: readonly string[]; port: number }[] = [];
  for (const services of layout) placed.push({ services, port: await freePort() });
  const entry = placed.find(({ services }) => services.includes("auth"));
  if (entry === undefined) throw new Error("nobody runs auth");
  const url = `http://localhost:${entry.port}`;
  const upstreams = placed.flatMap(({ services, port }) => services.map((name) => `${name}=http://127.0.0.1:${port}`));
  const copies = placed.map(({ services, port }, index) =>
    copyOf(services, port, {
      ...{ ...env, ...own(index) },
      ...{ POPUG_PUBLIC_URL: url, POPUG_UPSTREAMS: upstreams.join(",") },
    }),
  );
  return {
    url,
    copies,
    /** An orderly end of all of them. */
    stop: async () => {
      await Promise.all(copies.map((copy) => copy.signal("SIGCONT")));
      await Promise.all(copies.map((copy) => copy.signal("SIGTERM")));
    },
  };
}

function copyOf(services: readonly string[], port: number, env: Record<string, string>): Copy {
  let child: ChildProcess | undefined;
  let said: string[] = [];
  const running = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    services,
    url: `http://127.0.0.1:${port}`,
    child: () => child as ChildProcess,
    start: async (tree = here) => {
      said = [];
      const others = Object.entries(process.env).filter(([name]) => !/^(POPUG_|DATABASE_|KAFKA_|NODE_TEST)/.test(name));
      const program = [join(tree, "bin/run.mjs"), join(tree, "src/main.ts")];
      const started = spawn(process.execPath, [...program, "start", "--demo", "--services", services.join(",")], {
        env: { ...Object.fromEntries(others), POPUG_PORT: String(port), ...env },
        // With a channel to us it ends when we do, however we end.
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      });
      child = started;
      const hear = (chunk: Buffer) => (said = [...said, ...chunk.toString().trimEnd().split("\n")].slice(-60));
      started.stdout?.on("data", hear);
      started.stderr?.on("data", hear);
      await until(
        async () => {
          if (!running()) throw new Error(`${services.join()} ended:\n${said.join("\n")}`);
          return said.some((line) => line.startsWith("Popug is ready")) || undefined;
        },
        { withinMs: READY_WITHIN_MS, everyMs: 20, late: () => `${services.join()} is not ready:\n${said.join("\n")}` },
      );
    },
    signal: async (name) => {
      if (!running() || child === undefined) return;
      if (name === "SIGSTOP" || name === "SIGCONT") return void child.kill(name);
      const ended = once(child, "exit");
      child.kill(name);
      await ended;
    },
    said: () => said.join("\n"),
  };
}
