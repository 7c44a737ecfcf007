/** Secrets of this installation: files that only the owner can read, made on first use. */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StartRefused } from "../platform/start-refused.ts";

/** As many as 128 random bits have in hexadecimal. */
const MIN_CHARACTERS = 32;

/**
 * Reads the secret `name` in `folder`, making it (256 bits) when it is not there; safe beside others doing the same.
 * @param elsewhere the file that holds it instead
 * @throws StartRefused when that file cannot be read, or holds too little
 */
export async function secret(folder: string, name: string, elsewhere?: string): Promise<string> {
  if (elsewhere !== undefined) {
    const text = await readFile(elsewhere, "utf8").catch((error: Error) => {
      throw new StartRefused(`The secret ${elsewhere} cannot be read: ${error.message}.`);
    });
    if (text.trim().length < MIN_CHARACTERS) {
      throw new StartRefused(`The secret ${elsewhere} has less than ${MIN_CHARACTERS} characters.`);
    }
    return text.trim();
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, name);
  try {
    await writeFile(file, randomBytes(32).toString("base64url"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return readFile(file, "utf8");
}
