/** The part of the configuration that is secret, or says in which file a secret is. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { StartRefused } from "./platform/start-refused.ts";
import type { SecretFiles } from "./settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Files that take the place of what is made on the first run. */
export function readSecretFiles(env: Environment): SecretFiles {
  const file = (name: string) => (env[name] ? resolve(env[name]) : undefined);
  const [signingKeysFile, sealingKeyFile, databaseRolesFile] = [
    file("POPUG_SIGNING_KEYS_FILE"),
    file("POPUG_SEALING_KEY_FILE"),
    file("POPUG_DB_ROLES_SECRET_FILE"),
  ];
  return {
    ...(signingKeysFile !== undefined && { signingKeysFile }),
    ...(sealingKeyFile !== undefined && { sealingKeyFile }),
    ...(databaseRolesFile !== undefined && { databaseRolesFile }),
  };
}

/** A setting with a secret in it, as it is or from a file; null when neither is set. @throws StartRefused when both are */
export function secretOf(env: Environment, name: string, fileName: string): string | null {
  const [text, file] = [env[name], env[fileName]];
  if (text && file) throw new StartRefused(`${name} and ${fileName} say the same: set one of them.`);
  return (file ? fileOf(fileName, file).trim() : text) || null;
}

/** The text of a file that a variable names. @throws StartRefused when it cannot be read */
export function fileOf(name: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new StartRefused(`${name}: ${file} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}
