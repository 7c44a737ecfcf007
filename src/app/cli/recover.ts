/** `popug admin recover`: back in for an admin who lost their password, by whoever owns the machine. */
import type { Command } from "commander";
import { readConfig } from "../../config.ts";
import { linkTo } from "../../services/auth/link-token.ts";
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
      const link = await withInstallation(config, false, async (homes, running) => {
        const token = await withAuth(config, homes, (auth) => makeRecoveryLink(auth.tools, login));
        return token && linkTo((running ?? config).settings.publicUrl, "reset", token);
      });
      if (link === undefined) throw new CommandFailed(`Nobody has the login ${login}.`);
      process.stdout.write(`${link}\n`);
    });
}
