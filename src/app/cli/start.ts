/** `popug start`: everything in this process, until a signal ends it. */
import { createServer } from "node:net";
import type { Command } from "commander";
import { type Logger, destination, pino } from "pino";
import { type Config, readConfig } from "../../config.ts";
import { onParentGone } from "../../platform/embedded/parent.ts";
import { StartRefused } from "../../platform/start-refused.ts";
import { buildWeb } from "../build-web.ts";
import { seedDemo } from "../demo/company.ts";
import { firstRun } from "../first-run.ts";
import { type App, startApp } from "../start.ts";
import { type EndWith, exit } from "./command-failed.ts";
import { findInstance } from "./instance.ts";

/** After this, an orderly end has failed: better gone than hanging. */
const STOP_WITHIN_MS = 10_000;
/** Requests that are under way get this long; then their connections are cut. */
const DRAIN_MS = 5_000;
/** npm passes on a Ctrl-C that the terminal has sent us already; a second one by a person comes later. */
const SAME_CTRL_C_MS = 1_000;

export function addStart(program: Command, endWith: EndWith): void {
  program
    .command("start")
    .description("Start Popug: the database, all services and the web, until Ctrl-C.")
    .option(
      "--services <names>",
      "only these services, with commas: others run in other processes on the same database",
    )
    .option("--demo", "with a company of 40 invented popugs and a clock that can be moved forward")
    .addHelpText(
      "after",
      `
Examples:
  npm start
  npm start -- --demo
  POPUG_PORT=8080 POPUG_DATA=/var/lib/popug npx popug start
  DATABASE_URL=postgres://… POPUG_UPSTREAMS=auth=http://10.0.0.1:7070 npx popug start --services tasks,accounting`,
    )
    .action(async ({ demo, services }: { demo?: boolean; services?: string }) =>
      endWith(await start(readConfig({ demo: demo === true, services }))),
    );
}

/** Runs until it is told to end, or cannot go on; returns the exit code. */
async function start(config: Config): Promise<number> {
  const log = pino({ level: config.logLevel }, destination({ fd: 2, sync: true }));
  const end = waitForTheEnd(log);
  await assertFree(config);
  if (config.only === null || config.only.includes("auth"))
    await buildWeb((sentence) => process.stderr.write(`${sentence}\n`));
  const app = await startApp(config, {
    log,
    onLost: (reason) => end.because(exit.failed, reason, "the database is gone for good"),
  });
  if (!end.asked) {
    try {
      const lines = await greeting(app);
      process.stdout.write(`${lines.join("\n")}\n`);
    } catch (error) {
      await app.stop();
      throw error;
    }
  }
  const code = await end.reached;
  setTimeout(() => app.server.server.closeAllConnections(), DRAIN_MS).unref();
  await app.stop();
  // Whatever is still open (a client that does not read, say) must not keep a stopped Popug alive.
  process.exit(code);
}

async function greeting(app: App): Promise<string[]> {
  const lines = [...app.notes];
  if (!app.isEntry) return [...lines, `Popug is ready: ${app.url} (${[...app.services.keys()].join(", ")})`];
  if (app.config.settings.demo) lines.push(await seedDemo(app));
  else lines.push(...(await firstRun(app)));
  return [...lines, `Popug is ready: ${app.url}`];
}

/** What can be seen before the database is started is said before it is started. */
async function assertFree(config: Config): Promise<void> {
  const running = config.databases === null ? await findInstance(config.settings.dataDir) : undefined;
  if (running !== undefined) {
    throw new StartRefused(
      `Popug is running on ${config.settings.dataDir} already: ${running.url} (process ${running.pid}). ` +
        "For another one beside it, set POPUG_DATA and POPUG_PORT.",
    );
  }
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    // Everything else that is wrong with the address is said by the server itself.
    probe.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") return resolve();
      reject(new StartRefused(`Port ${config.port} is in use by another program. Set POPUG_PORT to another one.`));
    });
    probe.listen({ port: config.port, host: config.host }, () => probe.close(() => resolve()));
  });
}

type End = {
  /** Resolves with the exit code when it is time to end. */
  reached: Promise<number>;
  readonly asked: boolean;
  because: (code: number, error: unknown, what: string) => void;
};

/** Listens to everything that can end the process; from the first of it on, there are ten seconds. */
function waitForTheEnd(log: Logger): End {
  const { promise: reached, resolve } = Promise.withResolvers<number>();
  let askedAt: number | undefined;
  const ask = (code: number) => {
    if (askedAt !== undefined) return;
    askedAt = performance.now();
    setTimeout(() => {
      log.fatal(`not stopped after ${STOP_WITHIN_MS / 1_000} s`);
      process.exit(exit.failed);
    }, STOP_WITHIN_MS).unref();
    resolve(code);
  };
  const because = (code: number, error: unknown, what: string) => {
    log.fatal({ err: error }, what);
    ask(code);
  };
  process.on("SIGINT", () => {
    if (askedAt !== undefined && performance.now() - askedAt > SAME_CTRL_C_MS) process.exit(exit.failed);
    ask(exit.ok);
  });
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => ask(exit.ok));
  onParentGone(() => ask(exit.ok));
  process.on("uncaughtException", (error) => because(exit.failed, error, "uncaught exception"));
  process.on("unhandledRejection", (error) => because(exit.failed, error, "unhandled rejection"));
  // A terminal that was closed cannot be written to; that is no reason to stop uncleanly.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  return {
    reached,
    get asked() {
      return askedAt !== undefined;
    },
    because,
  };
}
