/** Puts a process together: database, services, HTTP. The only code that knows all services. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { createAccess } from "../people/access.ts";
import type { Connection } from "../platform/database.ts";
import { type ChangeBell, createBell } from "../platform/http/changes.ts";
import { forwardRoutes } from "../platform/http/forward.ts";
import { addRoutes, createServer } from "../platform/http/server.ts";
import { connectionOf, prepareDatabase, READER } from "../platform/migrate.ts";
import { type RunningService, runService } from "../platform/run-service.ts";
import type { Service, Sql } from "../platform/service.ts";
import { StartRefused } from "../platform/start-refused.ts";
import { mountLinks } from "../services/auth/link-routes.ts";
import { noteTokenUse } from "../services/auth/personal-token-store.ts";
import { openFront } from "../services/auth/front.ts";
import { loadSecrets, signingKeysFile } from "../services/auth/secrets.ts";
import { openKeyRing } from "../services/auth/signing-keys.ts";
import { AUDIENCE, issuerOf, jwks } from "../services/auth/token.ts";
import { createAuthorize } from "./authorize.ts";
import { type Database, openDatabase } from "./database.ts";
import { foreignTokens } from "./foreign-tokens.ts";
import { addErrorsPage } from "./errors-page.ts";
import { assertApart, type Home, type Homes, homesOf } from "./homes.ts";
import { listen } from "./listen.ts";
import { watchDeadLetters } from "./operations/dead-letter-alert.ts";
import { serveMetrics } from "./operations/metrics.ts";
import { addHealth, addOperations } from "./operations/routes.ts";
import { partOf } from "./processes.ts";
import { openReaders } from "./readers.ts";
import { keysOf } from "./remote-keys.ts";
import { keepShort } from "./retention.ts";
import { requirePolicies, type RoutePolicy } from "./route-policies.ts";
import { secret } from "./secrets.ts";
import { allContracts, allServices } from "./services.ts";
import { addWeb } from "./web.ts";

export type App = {
  config: Config;
  /** Where it answers, without a slash at the end. */
  url: string;
  /** Sentences for the start message. */
  notes: string[];
  homes: Homes;
  /** The databases of the services that run here. */
  local: readonly Home[];
  /** Those that run here, and where people come in also the others, which then do nothing by themselves here. */
  services: ReadonlyMap<string, RunningService>;
  /** People come in here: web, sign-in, and the way to services in other processes. */
  isEntry: boolean;
  server: FastifyInstance;
  /** Who may use which route. */
  routes: readonly RoutePolicy[];
  /** Reads the log of a source, and those that are in the same database, and nothing else. */
  readerOf: (source: string) => Sql;
  bell: ChangeBell;
  /** Aborted when the process begins to end. */
  closing: AbortSignal;
  /** Process id of the embedded database server, null with a server of one's own. */
  databasePid: () => number | null;
  /** Runs everything until nothing is left to do: outboxes empty, consumers caught up, jobs idle. */
  settle: () => Promise<void>;
  /** Drains and ends; what was acknowledged is in the database. */
  stop: () => Promise<void>;
};

export type StartOptions = {
  log: Logger;
  /** Called when the process cannot go on (the embedded database is gone for good). */
  onLost: (reason: Error) => void;
  /** An open database, instead of the one that the configuration describes. */
  database?: Database;
  /** False: nothing moves by itself, only `settle` and `pass` do. */
  loops?: boolean;
  batchSize?: number;
  /** Replaces the services, for tests of the platform. */
  services?: Service[];
};

/** @throws StartRefused with a sentence when it cannot start here */
export async function startApp(config: Config, options: StartOptions): Promise<App> {
  const { settings } = config;
  const { log } = options;
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    const failures: unknown[] = [];
    // A step that fails must not keep the ones behind it from happening: the database has to be stopped, whatever else.
    for (const step of undo.splice(0).reverse()) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, "not everything could be stopped in order");
  };
  try {
    const services = options.services ?? allServices(settings);
    const { here, known, isEntry } = partOf(config, services);
    await makeDataDir(settings.dataDir);
    const roleSecret = await secret(settings.secretsDir, "database-roles", settings.secretFiles.databaseRolesFile);
    const database = options.database ?? (await openDatabase(config, log, options.onLost));
    undo.push(database.stop);

    const { rolePrefix } = config;
    const homes = homesOf(services, database.adminOf, { rolePrefix, roleSecret, demo: settings.demo });
    const local = homes.all.filter((home) => here.some((service) => home.services.includes(service)));
    if (local.length > 1) await assertApart(local);
    for (const home of local) await prepareDatabase(home.installation, home.services);

    // Only where somebody listens: the code of it is large.
    const traces =
      config.traces && (await import("../platform/tracing.ts")).openTraces(config.traces, config.version, log);
    if (traces) undo.push(traces.stop);
    const readers = openReaders(homes, log, traces !== null);
    undo.push(readers.stop);
    // Only where there is a cluster: its client is large.
    const kafka = config.kafka && (await import("./kafka.ts")).openKafka(config.kafka);
    if (kafka) undo.push(kafka.stop);
    const logsFor = (service: string) => kafka?.over(readers.logsFor(service)) ?? readers.logsFor(service);

    const contracts = allContracts(services);
    const running = new Map<string, RunningService>();
    for (const service of known) {
      const one = runService(service, {
        connection: connectionOf(homes.of(service.name).installation, service.name),
        poolSize: config.poolSize,
        log,
        contracts,
        openLog: logsFor(service.name),
        openPast: readers.logsFor(service.name),
        tracing: traces?.of(service.name),
        ...(kafka && here.includes(service) && service.publishes.length > 0 && { openRelay: kafka.openRelay }),
        ...(options.batchSize !== undefined && { batchSize: options.batchSize }),
      });
      running.set(service.name, one);
      undo.push(one.stop);
      // Nobody else reaches the embedded database: whoever is still listed there was killed.
      if (database.pid() !== null) await one.sql("delete from member");
    }
    const closing = new AbortController();
    const bell = createBell();
    const own = isEntry ? await openOwnKeys(settings) : undefined;
    const access = createAccess({
      issuer: issuerOf(settings),
      audience: AUDIENCE,
      ...(own === undefined
        ? { jwks: keysOf(config.upstreams["auth"] ?? []) }
        : { jwks: async () => jwks({ signingKeys: await own.keys.current() }), askAgainAfterMs: 500 }),
      ...(settings.otherProvider?.instead === true && {
        issuer: settings.otherProvider.issuer,
        readForeign: foreignTokens(settings.otherProvider),
      }),
    });
    const auth = running.get("auth");
    const front =
      auth && own && (await openFront({ settings, ...own, sql: auth.sql, transact: auth.tools.transact, logger: log }));
    const authorize = createAuthorize(
      access,
      (tokenId) => {
        // Only where auth runs: a day that is missing elsewhere is no harm.
        if (auth === undefined) return;
        noteTokenUse(auth.sql, tokenId).catch((error: unknown) => log.warn({ err: error }, "a token's use got lost"));
      },
      front?.sessions,
    );
    const server = await createServer({
      log,
      authorize,
      ratePerSecond: config.ratePerSecond,
      version: config.version,
      tls: config.tls,
      trustProxy: config.trustProxy,
      https: settings.publicUrl.startsWith("https:"),
    });
    undo.push(() => server.close());
    const routes = requirePolicies(server);
    // Streams never end by themselves; without this the server would wait for them.
    undo.push(async () => closing.abort());
    for (const service of here) addRoutes(server, running.get(service.name) as RunningService, authorize);
    if (isEntry && here.length < known.length) {
      const elsewhere = known.filter((service) => !here.includes(service));
      await forwardRoutes(
        server,
        elsewhere.map((service) => ({ service, urls: config.upstreams[service.name] ?? [] })),
        async (request) =>
          request.headers.authorization === undefined
            ? (await front?.sessions.authorizationOf(request))?.authorization
            : undefined,
      );
    }
    await front?.mount(server);
    // Where another provider stands in the place of ours, passwords are its business.
    if (auth && settings.otherProvider?.instead !== true) {
      await mountLinks(server, { settings, sql: auth.sql, transact: auth.tools.transact });
    }

    const app: App = {
      config,
      url: "",
      notes: database.notes,
      homes,
      local,
      services: running,
      isEntry,
      server,
      routes,
      readerOf: readers.of,
      bell,
      closing: closing.signal,
      databasePid: database.pid,
      settle: () => settle(here.map(({ name }) => running.get(name) as RunningService)),
      stop,
    };
    addHealth(app);
    if (isEntry) {
      addOperations(app, authorize);
      await addErrorsPage(server, settings);
      await addWeb(server);
    }

    await server.listen({ port: config.port, host: config.host }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE" && error.code !== "EACCES") throw error;
      const why = error.code === "EADDRINUSE" ? "is in use by another program" : "may not be used by this user";
      throw new StartRefused(`Port ${config.port} ${why}. Set POPUG_PORT to another one.`, { cause: error });
    });
    const scheme = config.tls ? "https" : "http";
    app.url = config.port === 0 || !isEntry ? `${scheme}://localhost:${portOf(config, server)}` : settings.publicUrl;

    for (const home of homes.all) {
      const ear = listen(
        connectionOf(home.installation, READER),
        {
          onLogged: (source) => {
            for (const one of running.values()) {
              for (const name of source === null ? home.services.map((service) => service.name) : [source])
                one.wakeFor(name);
            }
            bell.ring();
          },
          onLeft: (service) => running.get(service)?.someoneLeft(),
        },
        log,
      );
      undo.push(ear.stop);
    }
    if (options.loops !== false) for (const { name } of here) running.get(name)?.start();
    if (options.loops !== false && isEntry) undo.push(watchDeadLetters(running, log).stop);
    if (options.loops !== false && isEntry && config.logDays !== null) {
      undo.push(keepShort(homes, config.logDays, log).stop);
    }
    if (config.metrics !== null) {
      const ours = new Map([...running].filter(([name]) => here.some((service) => service.name === name)));
      const metrics = await serveMetrics({ ...app, services: ours }, config.metrics);
      undo.push(metrics.stop);
      app.notes.push(`Metrics: ${metrics.url}`);
    }
    if (isEntry) undo.push(await announce(app));
    return app;
  } catch (error) {
    await stop().catch((failure: unknown) => log.error({ err: failure }, "cleaning up after a failed start failed"));
    throw error;
  }
}

/** What auth signs and seals with; nobody else needs it. */
async function openOwnKeys({ secretsDir, secretFiles }: Config["settings"]) {
  const secrets = await loadSecrets(secretsDir, secretFiles);
  return { secrets, keys: openKeyRing(signingKeysFile(secretsDir, secretFiles), secrets.signingKeys) };
}

async function makeDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartRefused(`The data folder ${dataDir} cannot be made: ${(error as Error).message}. Set POPUG_DATA.`, {
      cause: error,
    });
  }
}

function portOf(config: Config, server: FastifyInstance): number {
  const address = server.server.address();
  return typeof address === "object" && address !== null ? address.port : config.port;
}

/** How the command line finds the process that runs on a data folder; readable for its owner only. */
export type InstanceNote = {
  pid: number;
  /** Where people reach it. */
  url: string;
  /** Where this machine reaches it, whatever stands in front of it. */
  localUrl: string;
  /** What its tokens name as their issuer follows from this. */
  settings: Pick<Config["settings"], "publicUrl" | "timeZone" | "currency" | "demo">;
  rolePrefix: string;
  /** As whom the database of each service is administered. */
  databases: Record<string, Connection>;
};

async function announce(app: App): Promise<() => Promise<void>> {
  const { settings, host, rolePrefix } = app.config;
  const { publicUrl, timeZone, currency, demo } = settings;
  const localHost = ["0.0.0.0", "::", "localhost"].includes(host)
    ? "localhost"
    : host.includes(":")
      ? `[${host}]`
      : host;
  const note: InstanceNote = {
    pid: process.pid,
    url: app.url,
    // A certificate is for a name, not for this machine.
    localUrl: app.config.tls
      ? `https://${new URL(publicUrl).hostname}:${portOf(app.config, app.server)}`
      : `http://${localHost}:${portOf(app.config, app.server)}`,
    settings: { publicUrl, timeZone, currency, demo },
    rolePrefix,
    databases: app.homes.admins,
  };
  const file = join(settings.dataDir, "instance.json");
  await writeFile(file, JSON.stringify(note), { mode: 0o600 });
  return () => rm(file, { force: true });
}

/** How often everything may find something to do before that counts as "never ends". */
const MAX_ROUNDS = 10_000;

async function settle(services: readonly RunningService[]): Promise<void> {
  let quietRounds = 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let did = 0;
    for (const service of services) did += await service.pass();
    // Twice: what the first quiet round's last service did may be work for its first one.
    quietRounds = did === 0 ? quietRounds + 1 : 0;
    if (quietRounds === 2) return;
  }
  throw new Error("the services do not come to rest");
}
