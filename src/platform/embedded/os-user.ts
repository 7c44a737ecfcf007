import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { StartRefused } from "../start-refused.ts";
import { type Binaries, readableCopy } from "./binaries.ts";

/** As whom the server runs, and what has to stand before a command for that. */
export type ServerUser = {
  /** For messages. */
  name: string;
  /** Owner of the server's files, as this process sees it. */
  uid: number;
  gid: number;
  /** Options for spawn(). */
  spawn: { uid?: number; gid?: number };
  /** Words before the command. */
  prefix: readonly string[];
};

/**
 * The user, and binaries that this user can execute. `inPlace`: the user cannot pass the folders above the data, so the
 * server must be started in the data folder and call it `currentFolder`.
 */
export type Arrangement = { user: ServerUser; binaries: Binaries; inPlace: boolean; notes: string[] };

/** A name for the folder that a process was started in; it works whoever may pass the folders above. */
export const currentFolder = "/proc/self/cwd";

/** Nothing of our own environment (PGDATA, PGPORT, LD_PRELOAD, secrets) reaches the server. */
export const serverEnvironment: NodeJS.ProcessEnv = {
  PATH: "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin:/run/current-system/sw/bin",
  LC_ALL: "C",
};

/**
 * `postgres` refuses to run as root. So as root, the first that works of:
 * 1. the owner of the data folder, `postgres`, `nobody`, where that user reaches both binaries and data;
 * 2. a user namespace in which we appear as an ordinary user: nothing changes its owner, nothing is copied;
 * 3. one of the users of 1, with a copy of the binaries where it cannot read them. The data stays where it is: the
 *    server is started *in* the folder, for which the folders above need not be passable.
 * An ordinary user runs the server as itself; one without an entry in /etc/passwd, which initdb wants, in a namespace.
 */
export function arrange(dataDir: string, binaries: Binaries, mayUnshare = process.platform === "linux"): Arrangement {
  const above = dirname(dataDir);
  const uid = process.getuid?.() ?? -1;
  const known = knownUsers();
  const me = { name: `user ${uid}`, uid, gid: process.getgid?.() ?? -1, spawn: {}, prefix: [] };
  // On macOS, people are not in the file.
  if (uid !== 0 && (known.some((it) => it.uid === uid) || process.platform !== "linux")) {
    return { user: me, binaries, inPlace: false, notes: [] };
  }
  const users = uid === 0 ? candidates(dataDir, known) : [];
  for (const user of users) {
    if (canUse(user, above, binaries)) return { user, binaries, inPlace: false, notes: [] };
  }
  const guise = known.find((it) => it.name === "nobody") ?? known.find((it) => it.uid !== 0);
  if (mayUnshare && guise !== undefined) {
    const user = { ...me, prefix: ["unshare", "--user", `--map-user=${guise.uid}`, `--map-group=${guise.gid}`, "--"] };
    if (canUse(user, above, binaries)) return { user, binaries, inPlace: false, notes: [] };
  }
  if (uid !== 0) {
    throw new StartRefused(
      `PostgreSQL cannot make a database as user ${uid}, which has no entry in /etc/passwd. ` +
        "Start Popug as a user that has one.",
    );
  }
  for (const user of process.platform === "linux" ? users : []) {
    const own = canUse(user, "/", binaries)
      ? { binaries, notes: [] }
      : readableCopy(binaries, (copy) => canUse(user, "/", copy));
    if (own !== undefined) return { user, inPlace: true, ...own };
  }
  throw new StartRefused(
    `PostgreSQL does not run as root, and no other user here (${users.map((it) => it.name).join(", ") || "none"}) can ` +
      `run it for ${dataDir}. Start Popug as an ordinary user.`,
  );
}

type Known = { name: string; uid: number; gid: number };

function knownUsers(): Known[] {
  const lines = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .filter((it) => /^[^#:]+:/.test(it));
  // macOS writes nobody as -2; the kernel counts unsigned.
  return lines
    .map((it) => it.split(":"))
    .map((it) => ({ name: `${it[0]}`, uid: Number(it[2]) >>> 0, gid: Number(it[3]) >>> 0 }));
}

function candidates(dataDir: string, known: Known[]): ServerUser[] {
  const owner = known.filter((it) => it.uid === statSync(dataDir).uid);
  const usual = ["postgres", "nobody"].flatMap((name) => known.filter((it) => it.name === name));
  return [...new Set([...owner, ...usual])]
    .filter((it) => it.uid !== 0)
    .map((it) => ({ ...it, spawn: { uid: it.uid, gid: it.gid }, prefix: [] }));
}

/** Tried rather than computed from mode bits: ACLs, noexec mounts and security modules have their say, too. */
export function canUse(user: ServerUser, folder: string, binaries: Binaries): boolean {
  const script = 'cd "$1" && "$2" --version && "$3" --version';
  const words = ["/bin/sh", "-c", script, "sh", folder, binaries.postgres, binaries.initdb];
  const { status } = runSync([...user.prefix, ...words], user);
  return status === 0;
}

function runSync([file, ...args]: string[], user: ServerUser) {
  return spawnSync(file ?? "", args, { cwd: "/", env: serverEnvironment, stdio: "ignore", ...user.spawn });
}
