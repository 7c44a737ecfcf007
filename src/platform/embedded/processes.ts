import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * A word that tells this process from every other that had or will have its number; undefined when there is no such
 * process, or only its unburied remains (a zombie, as orphans become in a container without an init).
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform === "linux") {
    const stat = readProc(`/proc/${pid}/stat`);
    // The name in brackets may contain anything; the fields behind it begin with the state, the 20th is the start.
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields === undefined || fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  }
  return ps(pid, "lstart=");
}

/** The command line of a process; undefined when there is no such process. */
export function commandLine(pid: number): string | undefined {
  if (process.platform === "linux") return readProc(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ");
  return ps(pid, "command=");
}

/**
 * The processes of a PostgreSQL server that works in `dataDir` or that still makes a cluster in a folder inside,
 * whatever the pid file says: they all have it as their current folder. Elsewhere than on Linux only the process that the pid file names (`suspect`) is looked at.
 */
export function serversIn(dataDir: string, suspect: number | undefined): number[] {
  if (process.platform === "linux") {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => Number.isInteger(pid))
      .filter((pid) => ["postgres", "initdb"].includes(readProc(`/proc/${pid}/comm`)?.trim() ?? ""))
      .filter((pid) => processIdentity(pid) !== undefined && `${currentFolder(pid)}/`.startsWith(`${dataDir}/`));
  }
  const command = suspect === undefined ? undefined : ps(suspect, "command=");
  return suspect !== undefined && command?.includes("postgres") && command.includes(dataDir) ? [suspect] : [];
}

function currentFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch (error) {
    // Gone meanwhile, or of another user, whose server cannot use our folder.
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    return execFileSync("ps", ["-o", column, "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch (error) {
    // ps ends with 1 when there is no such process.
    if ((error as { status?: number }).status === 1) return undefined;
    throw error;
  }
}
