/** A secret in a file that only its owner can read. */
import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { StartRefused } from "./start-refused.ts";

/**
 * The text of the secret `name` in `dir`, made when it is not there. Several processes may ask at once: the first file
 * that stands there is everybody's.
 * @param elsewhere the file that holds it instead
 * @throws StartRefused when the file cannot be read, or others can read it
 */
export async function secretText(
  dir: string,
  name: string,
  elsewhere: string | undefined,
  make: () => Promise<string>,
): Promise<string> {
  if (elsewhere !== undefined) {
    return readFile(elsewhere, "utf8").catch((error: Error) => {
      throw new StartRefused(`The secret ${elsewhere} cannot be read: ${error.message}.`);
    });
  }
  const file = path.join(dir, name);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const found = await readIfThere(file);
  if (found !== undefined) {
    await assertPrivate(file);
    return found;
  }
  // Written whole beside its place and linked there: nobody reads half a file, and the first to link it wins.
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, await make(), { mode: 0o600, flag: "wx", flush: true });
  await chmod(draft, 0o600);
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, "utf8");
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function assertPrivate(file: string): Promise<void> {
  // Windows has no such permissions; there the folder's own rights decide.
  if (process.platform === "win32") return;
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0) {
    throw new StartRefused(`The secret ${file} can be read by others; "chmod 600" it, or replace it if they may have.`);
  }
}
