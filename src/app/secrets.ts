/** Secrets of this installation that belong to no service. */
import { randomBytes } from "node:crypto";
import { secretText } from "../platform/secret-file.ts";
import { StartRefused } from "../platform/start-refused.ts";

/** As many as 128 random bits have in hexadecimal. */
const MIN_CHARACTERS = 32;

/**
 * Reads the secret `name` in `folder`, making it (256 bits) when it is not there; safe beside others doing the same.
 * @param elsewhere the file that holds it instead
 * @throws StartRefused when the file cannot be read, others can read it, or that file holds too little
 */
export async function secret(folder: string, name: string, elsewhere?: string): Promise<string> {
  const text = await secretText(folder, name, elsewhere, async () => randomBytes(32).toString("base64url"));
  if (elsewhere !== undefined && text.trim().length < MIN_CHARACTERS) {
    throw new StartRefused(`The secret ${elsewhere} has less than ${MIN_CHARACTERS} characters.`);
  }
  return text.trim();
}
