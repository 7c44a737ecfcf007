import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { StartRefused } from "../start-refused.ts";
import { type Arrangement, currentFolder, type ServerUser } from "./os-user.ts";
import { supervise } from "./supervisor.ts";

const draftPrefix = ".initialising-";
const wholeMark = "popug.whole";
/** What may stand in a folder that counts as empty. */
const ours = (name: string) => /^(popug\.lock.*|postgres\.log.*|\.initialising-.*|lost\+found|\.gitkeep)$/.test(name);

/** Whether the folder holds a cluster (or the whole draft of one). Refuses a folder with something else in it. */
export function holdsCluster(dataDir: string): boolean {
  const names = readdirSync(dataDir);
  if (names.includes("PG_VERSION") || wholeDraft(dataDir) !== undefined) return true;
  const foreign = names.find((it) => !ours(it));
  if (foreign === undefined) return false;
  throw new StartRefused(
    `${dataDir} is not empty, and what is in it (${foreign} …) is not a database of Popug. Name another data folder.`,
  );
}

/** Refuses a cluster of another major version: PostgreSQL's files differ between them. */
export function checkVersion(dataDir: string, major: number): void {
  const found = readFileSync(join(dataDir, "PG_VERSION"), "utf8").trim();
  if (found === String(major)) return;
  const which = Number(found) > major ? "newer" : "older";
  throw new StartRefused(
    `${dataDir} was made by PostgreSQL ${found}; this Popug brings the ${which === "newer" ? "older" : "newer"} ` +
      `PostgreSQL ${major}. Start the Popug that made it, or move the data over with dump and restore.`,
  );
}

/**
 * Makes a new cluster. Until everything is written, it stands in a draft folder inside the data folder (which may be a
 * mount point, so renaming the folder itself would not do); PG_VERSION moves last. So an interruption at any moment
 * leaves either a draft, which the next start throws away, or a whole draft, which it moves into place.
 */
export async function makeCluster(dataDir: string, arrangement: Arrangement, sync: boolean): Promise<void> {
  dropDrafts(dataDir);
  const { user, binaries } = arrangement;
  const draft = mkdtempSync(join(dataDir, draftPrefix));
  const cluster = join(draft, "cluster");
  mkdirSync(cluster, { mode: 0o700 });
  if (user.uid !== process.getuid?.()) for (const it of [draft, cluster]) lchownSync(it, user.uid, user.gid);
  const initdb = await supervise({
    command: [
      binaries.initdb,
      `--pgdata=${arrangement.inPlace ? currentFolder : cluster}`,
      "--username=postgres",
      "--encoding=UTF8",
      // PostgreSQL's own C.UTF-8: sorts by code point and knows letters beyond ASCII, the same on every machine.
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      // Who may pass the socket's folder may connect; see socket.ts.
      "--auth=trust",
      "--no-instructions",
      ...(sync ? [] : ["--no-sync"]),
    ],
    user,
    cwd: cluster,
    log: "../initdb.log",
  });
  const { code, signal } = await initdb.ended;
  if (code !== 0) {
    const output = readFileSync(join(draft, "initdb.log"), "utf8");
    dropDrafts(dataDir);
    throw initFailed(dataDir, output, code ?? signal);
  }
  writeFileSync(join(draft, wholeMark), "", { flag: "wx" });
  syncFolder(draft);
  moveIntoPlace(dataDir);
}

/** Finishes what an interruption left of `makeCluster`. */
export function moveIntoPlace(dataDir: string): void {
  const draft = wholeDraft(dataDir);
  if (draft !== undefined) {
    const cluster = join(draft, "cluster");
    const names = existsSync(cluster) ? readdirSync(cluster) : [];
    const ordered = [...names.filter((it) => it !== "PG_VERSION"), ...names.filter((it) => it === "PG_VERSION")];
    for (const name of ordered) renameSync(join(cluster, name), join(dataDir, name));
    syncFolder(dataDir);
  }
  dropDrafts(dataDir);
}

/** Gives the folder and all in it to the server's user where it belongs to somebody else, and closes it for others. */
export function giveTo(user: ServerUser, dataDir: string): void {
  const { uid } = lstatSync(dataDir);
  if (uid !== user.uid) {
    const entries = readdirSync(dataDir, { recursive: true, encoding: "utf8" });
    try {
      // The folder itself last: an interrupted change of owner is then taken up again.
      for (const entry of [...entries, "."]) lchownSync(join(dataDir, entry), user.uid, user.gid);
    } catch (error) {
      throw new StartRefused(
        `${dataDir} cannot be given to the user ${user.name}, as whom PostgreSQL runs (it refuses to run as root). ` +
          "Start Popug as an ordinary user, or name another data folder.",
        { cause: error },
      );
    }
  }
  if (lstatSync(dataDir).mode & 0o077) chmodSync(dataDir, 0o700);
}

/**
 * Creates the data folder where it is missing and returns its path without symbolic links. Refuses a folder in which
 * we cannot work.
 */
export function openFolder(path: string): string {
  try {
    mkdirSync(path, { recursive: true });
    const { uid } = statSync(path);
    const me = process.getuid?.();
    if (me !== 0 && uid !== me) {
      throw new StartRefused(`${path} belongs to another user (uid ${uid}) than the one that runs Popug (uid ${me}).`);
    }
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return realpathSync(path);
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    throw new StartRefused(`The data folder ${path} cannot be used: ${(error as Error).message}`, { cause: error });
  }
}

function wholeDraft(dataDir: string): string | undefined {
  return drafts(dataDir).find((draft) => existsSync(join(draft, wholeMark)));
}

function drafts(dataDir: string): string[] {
  return readdirSync(dataDir)
    .filter((it) => it.startsWith(draftPrefix))
    .map((it) => join(dataDir, it));
}

function dropDrafts(dataDir: string) {
  for (const draft of drafts(dataDir)) {
    // A whole draft that was moved is empty but for its mark; the mark goes last, so nothing is ever half thrown away.
    rmSync(join(draft, "cluster"), { recursive: true, force: true, maxRetries: 10 });
    for (const name of readdirSync(draft)) rmSync(join(draft, name));
    rmdirSync(draft);
  }
}

function initFailed(dataDir: string, output: string, how: number | string | null): Error {
  if (/No space left on device|Disk quota exceeded/i.test(output)) {
    return new StartRefused(`There is no room for a new database in ${dataDir}: it needs about 100 MB to begin with.`);
  }
  if (/Permission denied|Read-only file system/i.test(output)) {
    return new StartRefused(`A new database cannot be made in ${dataDir}: ${output.trim().split("\n").at(-1)}`);
  }
  return new Error(`initdb for ${basename(dataDir)} failed (${how}):\n${output.trim()}`);
}

function syncFolder(path: string) {
  const handle = openSync(path, "r");
  fsyncSync(handle);
  closeSync(handle);
}
