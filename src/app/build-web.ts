/** Builds the web app when it is missing or older than its sources, so that nobody has to know of a build. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { StartRefused } from "../platform/start-refused.ts";

const WEB = join(import.meta.dirname, "../../web");
/** Where the built app is. */
export const WEB_DIST = join(WEB, "dist");
/** Holds the hash of the sources from which `dist` was built. */
const MARK = ".built-from";
const SOURCES = ["index.html", "vite.config.ts", "package.json", "../package-lock.json"];

/**
 * Brings `dist` up to date; does nothing when it is. Starts beside each other may both build, and the last one stays.
 * @throws StartRefused with what the build said
 */
export async function buildWeb(say: (sentence: string) => void): Promise<void> {
  const hash = await hashSources();
  if ((await readIfThere(join(WEB_DIST, MARK))) === hash) return;
  say("Building the web app, once (a few seconds) …");
  const draft = await mkdtemp(join(WEB, "dist-")).catch(async (error: NodeJS.ErrnoException) => {
    throw new StartRefused(`The web app has to be built, and ${WEB} cannot be written to: ${error.message}.`, {
      cause: error,
    });
  });
  try {
    await vite(draft);
    await writeFile(join(draft, MARK), hash);
    const old = `${draft}-old`;
    await rename(WEB_DIST, old).catch(() => {});
    await rename(draft, WEB_DIST).catch(() => {});
    await rm(old, { recursive: true, force: true });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function vite(outDir: string): Promise<void> {
  const program = join(dirname(createRequire(join(WEB, "package.json")).resolve("vite/package.json")), "bin/vite.js");
  const child = spawn(
    process.execPath,
    [program, "build", WEB, "--outDir", outDir, "--emptyOutDir", "--logLevel", "warn"],
    {
      cwd: WEB,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new StartRefused(`The web app cannot be built:\n${stripVTControlCharacters(said).trim()}`);
}

async function hashSources(): Promise<string> {
  const names = [];
  for (const folder of ["src", "public"]) {
    for (const entry of await readdir(join(WEB, folder), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) names.push(join(entry.parentPath, entry.name));
    }
  }
  const hash = createHash("sha256");
  for (const file of [...names.sort(), ...SOURCES.map((name) => join(WEB, name))]) {
    hash
      .update(`${file.slice(WEB.length)}\0`)
      .update(await readFile(file))
      .update("\0");
  }
  return hash.digest("hex");
}

const readIfThere = (file: string) => readFile(file, "utf8").catch(() => undefined);
