import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { userInfo } from "node:os";
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
 * 3. one of the users of 1 with a copy of the binaries where it can read them. The data stays where it is: the server
 *    is started *in* the folder and calls it /proc/self/cwd, for which the folders above need not be passable.
 * An ordinary user runs the server as itself.
 */
export function arrange(dataDir: string, binaries: Binaries): Arrangement {
  const uid = process.getuid?.() ?? -1;
  if (uid !== 0) {
    const me = { name: userInfo().username, uid, gid: process.getgid?.() ?? -1, spawn: {}, prefix: [] };
    return { user: me, binaries, inPlace: false, notes: [] };
  }
  const users = candidates(dataDir);
  for (const user of users) {
    if (canUse(user, dirname(dataDir), binaries)) return { user, binaries, inPlace: false, notes: [] };
  }
  if (process.platform === "linux") {
    if (canUse(namespaced, dirname(dataDir), binaries)) {
      return { user: namespaced, binaries, inPlace: false, notes: [] };
    }
    for (const user of users) {
      const own = canUse(user, "/", binaries)
        ? { binaries, notes: [] }
        : readableCopy(binaries, (copy) => canUse(user, "/", copy));
      if (own !== undefined) return { user, inPlace: true, ...own };
    }
  }
  throw new StartRefused(
    `PostgreSQL does not run as root, and no other user here (${users.map((it) => it.name).join(", ") || "none"}) can ` +
      `run it for ${dataDir}. Start Popug as an ordinary user.`,
  );
}

/** The number inside the namespace is of no importance, as long as it is not 0. */
const namespaced: ServerUser = {
  name: "root (in a user namespace)",
  uid: 0,
  gid: 0,
  spawn: {},
  prefix: ["unshare", "--user", "--map-user=26", "--map-group=26", "--"],
};

function candidates(dataDir: string): ServerUser[] {
  const passwd = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const owner = statSync(dataDir);
  const found = owner.uid === 0 ? [] : [{ name: `user ${owner.uid}`, uid: owner.uid, gid: owner.gid }];
  for (const name of ["postgres", "nobody"]) {
    const entry = passwd.find((it) => it[0] === name);
    // macOS writes nobody as -2; the kernel counts unsigned.
    if (entry) found.push({ name, uid: Number(entry[2]) >>> 0, gid: Number(entry[3]) >>> 0 });
  }
  return found
    .filter((it, index) => it.uid !== 0 && found.findIndex((other) => other.uid === it.uid) === index)
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
