/** The command line: all commands, and what their errors look like. */
import { Command, CommanderError } from "commander";
import { Refusal } from "../../platform/refusal.ts";
import { StartRefused } from "../../platform/start-refused.ts";
import { CommandFailed, type EndWith, exit } from "./command-failed.ts";
import { addAdmin } from "./admin.ts";
import { addDeadLetters } from "./dead-letters.ts";
import { addDemo } from "./demo.ts";
import { addEvents } from "./events.ts";
import { addImport } from "./import.ts";
import { addKafka } from "./kafka.ts";
import { addKeys } from "./keys.ts";
import { addPeriod } from "./period.ts";
import { addRebuild } from "./rebuild.ts";
import { addRestored } from "./restored.ts";
import { addStart } from "./start.ts";
import { addToken } from "./token.ts";
import { addVerify } from "./verify.ts";

/** Runs one command line; returns its exit code. Everything that is not a result goes to standard error. */
export async function main(words: readonly string[]): Promise<number> {
  let code: number = exit.ok;
  const program = popug((ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(words, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.ok : exit.usage;
    if (error instanceof StartRefused || error instanceof CommandFailed || error instanceof Refusal) {
      process.stderr.write(`${error.message}\n`);
    } else {
      process.stderr.write(`This is a defect of Popug: ${(error as Error).stack ?? String(error)}\n`);
    }
    return exit.failed;
  }
}

/** @param endWith called by a command whose result is an exit code */
export function popug(endWith: EndWith): Command {
  const program = new Command("popug")
    .description("A task exchange whose books close exactly, every day.")
    .helpCommand(false)
    .showHelpAfterError("(popug --help shows what there is)")
    .exitOverride();
  addStart(program, endWith);
  addAdmin(program);
  addToken(program);
  addImport(program, endWith);
  addKafka(program);
  addKeys(program);
  addPeriod(program);
  addDemo(program, endWith);
  addVerify(program, endWith);
  addEvents(program);
  addDeadLetters(program);
  addRestored(program);
  addRebuild(program);
  program.addHelpText(
    "after",
    `
Configuration comes from environment variables, see docs/configuration.md.
Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 verify found differences.`,
  );
  return program;
}
