/**
 * The published XML schema of pain.001.001.09. It is not ours to keep here; the package sepaxml of PyPI (MIT) brings it.
 * `POPUG_PAIN_SCHEMA` names the file where it is there already; otherwise pip fetches it, if there is a pip.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PACKAGE = "sepaxml==2.7.0";
const FILE = "sepaxml/schemas/pain.001.001.09.xsd";

/** The schema's text; undefined where it cannot be had. */
export function painSchema(): string | undefined {
  const given = process.env["POPUG_PAIN_SCHEMA"];
  if (given !== undefined) return readFileSync(given, "utf8");
  const folder = mkdtempSync(join(tmpdir(), "popug-pain-"));
  const python = (...args: string[]) => execFileSync("python3", args, { cwd: folder, stdio: "pipe" });
  try {
    python("-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", PACKAGE);
    python("-c", `import glob, zipfile; zipfile.ZipFile(glob.glob("*.whl")[0]).extract("${FILE}")`);
    return readFileSync(join(folder, FILE), "utf8");
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
