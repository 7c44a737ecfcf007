import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { StartRefused } from "../start-refused.ts";
import { commandLine, processIdentity, serversIn } from "./processes.ts";

/** A setting on the command line by which a server that Popug started is known. */
export const ownMark = "cluster_name=popug";

/** What PostgreSQL writes into postmaster.pid: its process id and, on the eighth line, how far it is. */
export function readPidFile(dataDir: string): { pid: number; status: string } | undefined {
  try {
    const lines = readFileSync(join(dataDir, "postmaster.pid"), "utf8").split("\n");
    const pid = Number(lines[0]);
    return Number.isInteger(pid) && pid > 0 ? { pid, status: lines[7]?.trim() ?? "" } : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Makes sure that no server works in `dataDir` and that no pid file is in a new one's way. To be called under the
 * folder's lock: a server of Popug that is found is what a killed Popug left behind and is waited for, then stopped.
 * A pid file that names some other program is removed; PostgreSQL would refuse to start because of it.
 */
export async function clearTheWay(dataDir: string, log: (line: string) => void): Promise<void> {
  const started = performance.now();
  let said = 0;
  for (;;) {
    const pidFile = readPidFile(dataDir);
    const servers = serversIn(dataDir, pidFile?.pid);
    if (servers.length === 0) {
      // PostgreSQL itself still looks for remains of a server, by the folder's shared memory.
      if (pidFile) rmSync(join(dataDir, "postmaster.pid"), { force: true });
      return;
    }
    const chief = servers.find((pid) => pid === pidFile?.pid);
    const command = chief === undefined ? undefined : commandLine(chief);
    // A process that is just ending has no command line any more, and for a moment still a place in the list.
    const isEnding = command === "" && performance.now() - started < 20_000;
    if (chief !== undefined && !isEnding && !command?.includes(ownMark)) {
      if (processIdentity(chief) === undefined) continue;
      throw new StartRefused(
        `${dataDir} is in use by a PostgreSQL server (pid ${chief}) that Popug did not start. Stop it first.`,
      );
    }
    const waitedMs = performance.now() - started;
    if (waitedMs > 500 && said < 1) {
      log(`Waiting for the database server that a former Popug left behind (pid ${chief ?? servers.join(", ")}).`);
      said = 1;
    }
    // The server stops by itself when its Popug is gone, unless what watches over it was killed, too. One that is
    // stopping already does not mind being asked again.
    if (waitedMs > 1_000 && said < 2) {
      for (const pid of chief === undefined ? servers : [chief]) signal(pid, "SIGINT");
      said = 2;
    }
    if (waitedMs > 12_000 && said < 3) {
      for (const pid of servers) signal(pid, "SIGQUIT");
      said = 3;
    }
    if (waitedMs > 20_000) {
      throw new StartRefused(
        `${dataDir} is in use by a database server that does not stop (pid ${servers.join(", ")}).`,
      );
    }
    await delay(20);
  }
}

function signal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
