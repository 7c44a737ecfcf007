/** `popug restored`: says that the data was set back, so that positions given twice are told apart. */
import type { Command } from "commander";
import { readConfig } from "../../config.ts";
import { raiseEpoch } from "../../platform/migrate.ts";
import { CommandFailed } from "./command-failed.ts";
import { asOwner, withInstallation } from "./session.ts";

export function addRestored(program: Command): void {
  program
    .command("restored")
    .description(
      "Say that the data was set back to an earlier state (from a copy of its files), before the next start.",
    )
    .addHelpText(
      "after",
      `
Positions in the logs are then given anew under a higher epoch, and readers elsewhere tell the two apart.
Popug must not be running.

Example:
  npx popug restored`,
    )
    .action(async () => {
      const config = readConfig();
      await withInstallation(config, false, async (homes, running) => {
        if (running !== undefined) {
          throw new CommandFailed(`Popug is running (${running.url}, process ${running.pid}); stop it first.`);
        }
        for (const { installation, services } of homes.all) {
          await asOwner(installation, { schema: "popug", access: "write" }, (sql) => raiseEpoch(sql, services));
        }
      });
      process.stdout.write("The epoch of every log is raised; Popug can be started.\n");
    });
}
