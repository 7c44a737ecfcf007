/** A file that was named on the command line; `-` is standard input, whatever that is (file, pipe or socket). */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { CommandFailed } from "./command-failed.ts";

/** @throws CommandFailed with a sentence when it cannot be read */
export async function readTextFile(file: string): Promise<string> {
  if (file === "-") return text(process.stdin);
  return readFile(file, "utf8").catch((error: Error) => {
    throw new CommandFailed(`The file cannot be read: ${error.message}.`);
  });
}
