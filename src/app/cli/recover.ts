/** `popug admin recover`: back in for an admin who lost their password, by whoever owns the machine. */
import type { Command } from "commander";
import { readConfig } from "../../config.ts";
import { makeRecoveryLink } from "../../services/auth/recovery.ts";
import { CommandFailed } from "./command-failed.ts";
import { withAuth, withInstallation } from "./session.ts";

/** Adds it to `popug admin`. */
export function addRecover(admin: Command): void {
  admin
    .command("recover")
    .description("Print a link, good once and for an hour, with which somebody sets a new password.")
    .argument("<login>", "who; they are made active again and, if nobody else is, an admin")
    .addHelpText("after", "\nExample:\n  npx popug admin recover ada")
    .action(async (login: string) => {
      const config = readConfig();
      const token = await withInstallation(config, false, (installation) =>
        withAuth(config, installation, (auth) => makeRecoveryLink(auth.tools, login)),
      );
      if (token === undefined) throw new CommandFailed(`Nobody has the login ${login}.`);
      process.stdout.write(`${config.settings.publicUrl}/reset/${token}\n`);
    });
}
