/** `popug keys rotate`: a new signing key, without a request that fails. */
import type { Command } from "commander";
import { CommandFailed } from "./command-failed.ts";
import { readConfig } from "../../config.ts";
import { loadSecrets, signingKeysFile } from "../../services/auth/secrets.ts";
import { PUBLISHED_AFTER_SECONDS, PUBLISHED_BEFORE_SECONDS, rotateKeyFile } from "../../services/auth/signing-keys.ts";

export function addKeys(program: Command): void {
  program
    .command("keys")
    .description("Keys that sign tokens.")
    .command("rotate")
    .description("Make a new signing key; whatever runs takes it up by itself.")
    .addHelpText(
      "after",
      `
The new key is published at once and signs after ${PUBLISHED_BEFORE_SECONDS / 60} minutes; the old one stays published for ${PUBLISHED_AFTER_SECONDS / 60} minutes more. Nobody is signed out.`,
    )
    .action(async () => {
      const { secretsDir, secretFiles } = readConfig().settings;
      await loadSecrets(secretsDir, secretFiles);
      const file = signingKeysFile(secretsDir, secretFiles);
      const keys = await rotateKeyFile(file, Math.floor(Date.now() / 1_000)).catch((error: NodeJS.ErrnoException) => {
        if (error.syscall === undefined) throw error;
        throw new CommandFailed(
          `${file} cannot be replaced: ${error.message}. Rotate a copy of it, and hand that out.`,
        );
      });
      process.stdout.write(
        `The key ${keys.at(-1)?.kid} signs from ${PUBLISHED_BEFORE_SECONDS / 60} minutes from now on.\n`,
      );
    });
}
