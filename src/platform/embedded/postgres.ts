import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openClient } from "../database.ts";
import { StartRefused } from "../start-refused.ts";
import { findBinaries } from "./binaries.ts";
import { checkVersion, giveTo, holdsCluster, makeCluster, moveIntoPlace, openFolder } from "./cluster.ts";
import { type Lock, takeLock } from "./lock.ts";
import { followLog, type ServerLog } from "./log.ts";
import { type Arrangement, arrange, currentFolder } from "./os-user.ts";
import { clearTheWay, readPidFile } from "./pidfile.ts";
import { settingWords } from "./settings.ts";
import { makeSocketFolder, makeSocketFolderAgain } from "./socket.ts";
import { type Supervised, supervise } from "./supervisor.ts";

/** A running server of our own. */
export type EmbeddedPostgres = {
  /** node-postgres settings of the superuser: the socket's folder as host. No password: the folder is private. */
  connection: { host: string; port: number; user: string; database: string };
  /** Where the cluster lives: the given folder, with all symbolic links resolved. */
  dataDir: string;
  /** Sentences for the start message, for instance that the programs had to be copied, and where to. */
  notes: string[];
  /**
   * Stops the server; resolves when the postmaster is gone and the folder may be started again. "fast" (the default)
   * ends connections and writes a checkpoint, "immediate" is what a power cut does: the next start recovers.
   */
  stop(mode?: "fast" | "immediate"): Promise<void>;
  /** Resolves with the reason when the server ends without stop() having been called. */
  died: Promise<Error>;
  pid: number;
};

export type StartOptions = {
  /** The cluster's folder; made when missing. May lie anywhere, under any name and in a path of any length. */
  dataDir: string;
  /** Told what takes long. */
  log?: (line: string) => void;
  /** Overrides our server settings, for instance `{ fsync: "off" }` in a test that throws its data away. */
  settings?: Readonly<Record<string, string>>;
  /** Where the socket is to be: the folder of a server that has ended, so that its clients find this one. */
  socketFolder?: string;
};

/** Recovery after a crash has to read at most max_wal_size; a slow disk does that within this. */
const readyWithinMs = 180_000;
const stopWithinMs = 60_000;

/**
 * Starts PostgreSQL on `dataDir` and resolves when it takes connections. Throws `StartRefused` with a sentence for
 * people where the folder is in use, foreign, of another version, not ours or full.
 *
 * The server ends with us, in whatever way we end. While it runs, it does not keep our event loop alive.
 */
export async function startPostgres(options: StartOptions): Promise<EmbeddedPostgres> {
  const dataDir = openFolder(resolve(options.dataDir));
  holdsCluster(dataDir);
  const taken = await takeLock(join(dataDir, "popug.lock")).catch((error: unknown) => {
    throw isDiskFull(error) ? new StartRefused(`The disk that holds ${dataDir} is full.`, { cause: error }) : error;
  });
  if ("heldBy" in taken) throw new StartRefused(`${dataDir} is in use by another Popug (pid ${taken.heldBy}).`);
  try {
    return await startLocked(dataDir, taken.lock, options);
  } catch (error) {
    taken.lock.release();
    throw error;
  }
}

function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "");
}

async function startLocked(dataDir: string, lock: Lock, options: StartOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => {});
  const settings = options.settings ?? {};
  const found = findBinaries();
  await clearTheWay(dataDir, log);
  const arrangement = arrange(dataDir, found.binaries);
  giveTo(arrangement.user, dataDir);
  if (holdsCluster(dataDir)) {
    moveIntoPlace(dataDir);
    checkVersion(dataDir, arrangement.binaries.major);
  } else {
    log(`Making a new database in ${dataDir}.`);
    await makeCluster(dataDir, arrangement, settings["fsync"] !== "off");
  }
  const port = Number(settings["port"] ?? 5432);
  const host =
    options.socketFolder === undefined
      ? makeSocketFolder(arrangement.user, arrangement.binaries)
      : makeSocketFolderAgain(arrangement.user, options.socketFolder);
  const connection = { host, port, user: "postgres", database: "postgres" };
  const serverLog = followLog(dataDir);
  let server: Supervised | undefined;
  try {
    server = await launch(dataDir, arrangement, host, settings);
    await ready(server, dataDir, connection, log, serverLog);
  } catch (error) {
    serverLog.close();
    if (server) await end(server, "immediate");
    rmSync(host, { recursive: true, force: true });
    throw error;
  }
  const facts = { connection, dataDir, notes: [...found.notes, ...arrangement.notes], pid: server.pid };
  return handle(server, facts, serverLog, lock);
}

function handle(
  server: Supervised,
  facts: Pick<EmbeddedPostgres, "connection" | "dataDir" | "notes" | "pid">,
  serverLog: ServerLog,
  lock: Lock,
): EmbeddedPostgres {
  const release = () => {
    serverLog.close();
    lock.release();
  };
  let stopping: Promise<void> | undefined;
  const died = new Promise<Error>((settle) => {
    void server.ended.then(({ code, signal }) => {
      if (stopping) return;
      release();
      const how = signal === null ? `code ${code}` : `its supervisor got ${signal}`;
      settle(new Error(`the database server ended unexpectedly (${how}):\n${serverLog.tail()}`));
    });
  });
  server.hold(false);
  return {
    ...facts,
    died,
    stop(mode = "fast") {
      stopping ??= end(server, mode).finally(release);
      return stopping;
    },
  };
}

function launch(
  dataDir: string,
  { user, binaries, inPlace }: Arrangement,
  socketDir: string,
  settings: Readonly<Record<string, string>>,
): Promise<Supervised> {
  return supervise({
    command: [binaries.postgres, "-D", inPlace ? currentFolder : dataDir, ...settingWords(settings, socketDir)],
    user,
    cwd: dataDir,
    log: "postgres.log",
    socketDir,
  });
}

/** Waits until the server says that it is ready and then for a connection of ours to succeed. */
async function ready(
  server: Supervised,
  dataDir: string,
  connection: EmbeddedPostgres["connection"],
  log: (line: string) => void,
  serverLog: ServerLog,
): Promise<void> {
  let exit: { code: number | null } | undefined;
  void server.ended.then((it) => {
    exit = it;
  });
  const started = performance.now();
  let said = false;
  for (;;) {
    const pidFile = readPidFile(dataDir);
    if (pidFile?.pid === server.pid && pidFile.status === "ready") break;
    if (exit) throw new Error(`the database server did not start (code ${exit.code}):\n${serverLog.tail()}`);
    const waitedMs = performance.now() - started;
    if (waitedMs > readyWithinMs) {
      throw new Error(`the database server was not ready after ${readyWithinMs / 1000} s:\n${serverLog.tail()}`);
    }
    if (waitedMs > 3_000 && !said) {
      log("The database recovers from an unclean stop; this can take a minute.");
      said = true;
    }
    await delay(5);
  }
  const client = await openClient(connection);
  await client.end();
}

async function end(server: Supervised, mode: "fast" | "immediate"): Promise<void> {
  server.hold(true);
  server.ask(mode);
  const overdue = setTimeout(() => server.ask("immediate"), stopWithinMs);
  await server.ended;
  clearTimeout(overdue);
}
