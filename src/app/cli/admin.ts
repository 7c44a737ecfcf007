/** `popug admin create`: the first person of a company, who can then create the others. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Command } from "commander";
import { Value } from "typebox/value";
import { readConfig } from "../../config.ts";
import { firstAdmin } from "../../services/auth/first-admin.ts";
import { NewUser } from "../../services/auth/users.ts";
import { CommandFailed } from "./command-failed.ts";
import { addRecover } from "./recover.ts";
import { withAuth, withInstallation } from "./session.ts";
import { readTextFile } from "./text-file.ts";

type Options = { login: string; name: string; email?: string; language?: string; passwordFile?: string };

export function addAdmin(program: Command): void {
  const admin = program.command("admin").description("The first admin of a company, and the way back in.");
  addRecover(admin);
  admin
    .command("create")
    .description("Create the first admin, while there is no user at all.")
    .requiredOption("--login <login>", "lower-case letters, digits, dot, dash, underscore")
    .requiredOption("--name <name>", "as others see it")
    .option("--email <address>", "where the daily report is sent to")
    .option("--language <language>", "en or ru", "en")
    .option(
      "--password-file <file>",
      "file whose first line is the password (12 characters or more); - for standard input",
    )
    .addHelpText(
      "after",
      `
On a terminal it asks for the password. Without any, the admin exists but cannot sign in on the web yet.
Works with or without a running Popug.

Example:
  npx popug admin create --login ada --name "Ada Popug" --email ada@example.com`,
    )
    .action(async (options: Options) => {
      const { passwordFile, ...person } = options;
      const password = await readPassword(passwordFile);
      const wanted = { ...person, ...(password !== "" && { password }) };
      if (!Value.Check(NewUser, wanted)) throw new CommandFailed(problemsOf(wanted));
      const config = readConfig();
      const user = await withInstallation(config, true, (homes) =>
        withAuth(config, homes, (auth) => firstAdmin(auth.tools, wanted)),
      );
      const hint = password === "" ? " Without a password they cannot sign in on the web yet." : "";
      process.stdout.write(`${user.login} is the first admin.${hint}\n`);
    });
}

function problemsOf(wanted: unknown): string {
  return Value.Errors(NewUser, wanted)
    .map((error) => `--${error.instancePath.slice(1)} ${error.message}`)
    .join("\n");
}

async function readPassword(file: string | undefined): Promise<string> {
  if (file === undefined) return process.stdin.isTTY ? ask() : "";
  const [line = ""] = (await readTextFile(file)).split(/\r?\n/);
  if (line === "") throw new CommandFailed("The first line of the password file is empty.");
  return line;
}

async function ask(): Promise<string> {
  process.stderr.write("Password (12 characters or more; empty for none): ");
  const blind = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: blind, terminal: true });
  try {
    return await terminal.question("");
  } finally {
    terminal.close();
    process.stderr.write("\n");
  }
}
