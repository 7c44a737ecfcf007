import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Binaries } from "./binaries.ts";
import { canUse, type ServerUser } from "./os-user.ts";

/** sun_path of Linux holds 108 bytes with its end mark, that of macOS 104; the name of the socket is the longest. */
const longestFolder = 103 - "/.s.PGSQL.65535.lock".length;

/**
 * Makes a new folder for the server's Unix socket: short, because a socket's path may have about a hundred bytes; with
 * an unpredictable name; owned by the server's user with mode 0700.
 *
 * This folder is the only protection of the socket, the server trusts whoever reaches it. Those are the server's user
 * and root, who could read the data files as well, so a password would not keep out anybody else.
 */
export function makeSocketFolder(user: ServerUser, binaries: Binaries): string {
  for (const place of [tmpdir(), "/tmp", "/var/tmp", "/run"]) {
    if (Buffer.byteLength(place) + "/popug-XXXXXX".length > longestFolder) continue;
    try {
      const folder = mkdtempSync(join(place, "popug-"));
      chmodSync(folder, 0o700);
      if (user.uid !== process.getuid?.()) chownSync(folder, user.uid, user.gid);
      if (canUse(user, folder, binaries)) return folder;
      rmSync(folder, { recursive: true });
    } catch (error) {
      if (!["EACCES", "EPERM", "EROFS", "ENOENT", "ENOSPC"].includes((error as NodeJS.ErrnoException).code ?? "")) {
        throw error;
      }
    }
  }
  throw new Error("no folder for the database's socket can be made in the folders for temporary files");
}

/** Makes the folder of a server that has ended once more. Its name is known by now: it has to be ours, or newly made. */
export function makeSocketFolderAgain(user: ServerUser, folder: string): string {
  try {
    mkdirSync(folder, { mode: 0o700 });
    if (user.uid !== process.getuid?.()) chownSync(folder, user.uid, user.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const there = lstatSync(folder);
    if (!there.isDirectory() || there.uid !== user.uid || (there.mode & 0o077) !== 0) {
      throw new Error(`${folder}, where the database's socket was, belongs to somebody else now`);
    }
  }
  return folder;
}
