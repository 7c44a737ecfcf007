/** `popug token`: a short-lived access token for scripts on this machine. */
import type { Command } from "commander";
import { readConfig } from "../../config.ts";
import { ACCESS_TOKEN_SECONDS } from "../../services/auth/token.ts";
import { findPerson, minter } from "./caller.ts";
import { requireInstance } from "./instance.ts";

export function addToken(program: Command): void {
  program
    .command("token")
    .description("Print an access token of a person for scripts; works only where the data folder can be read.")
    .argument("<login>", "whose token")
    .option("--json", "with the person and the time at which it ends")
    .addHelpText(
      "after",
      `
A token is good for ${ACCESS_TOKEN_SECONDS / 60} minutes.

Example:
  curl -H "Authorization: Bearer $(npx popug token gosha.perov)" http://localhost:7070/api/my/account`,
    )
    .action(async (login: string, { json }: { json?: boolean }) => {
      const config = readConfig();
      const note = await requireInstance(config.settings.dataDir);
      const user = await findPerson(config, note, login);
      const token = await (await minter(config, note))(user);
      const expiresAt = new Date(Date.now() + ACCESS_TOKEN_SECONDS * 1_000).toISOString();
      process.stdout.write(
        json === true
          ? `${JSON.stringify({ token, expiresAt, login: user.login, userId: user.userId, roles: user.roles })}\n`
          : `${token}\n`,
      );
    });
}
