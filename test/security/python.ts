/** The Python tools of `requirements.txt`, in a folder of their own below `.cache`, so that nobody has to install them. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");
const FOLDER = join(import.meta.dirname, "../../.cache/security-python");
const WITHIN_MS = 600_000;

/** Installs them where they are missing or others; returns the folder of their programs, or null with a word about why not. */
export function preparePython(say: (sentence: string) => void): string | null {
  const programs = join(FOLDER, "bin");
  const mark = join(FOLDER, ".installed-from");
  const wanted = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex");
  if (readIfThere(mark) === wanted) return programs;
  say("Installing the Python tools of the security tests, once …");
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const [command, ...args] of [
    ["python3", "-m", "venv", FOLDER],
    [join(programs, "pip"), "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS],
  ] as [string, ...string[]][]) {
    const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8", timeout: WITHIN_MS });
    if (status === 0) continue;
    say(`The Python tools cannot be installed, and what needs them is skipped: ${error?.message ?? stderr.trim()}`);
    return null;
  }
  writeFileSync(mark, wanted);
  return programs;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
