/** A program for a test: asks every command for its help, as a person would, and tells as JSON what each said. */
import type { Command } from "commander";
import { main, popug } from "../../src/app/cli/popug.ts";

type Help = { words: string[]; code: number; text: string; options: string[]; commands: string[] };

const paths = (command: Command): Command[][] => [
  [],
  ...command.commands.flatMap((below) => paths(below).map((rest) => [below, ...rest])),
];

const helps: Help[] = [];
const write = process.stdout.write.bind(process.stdout);
for (const path of paths(popug(() => {}))) {
  const words = path.map((command) => command.name());
  let text = "";
  process.stdout.write = (chunk: string | Uint8Array) => {
    text += String(chunk);
    return true;
  };
  const code = await main([...words, "--help"]);
  process.stdout.write = write;
  const options = path.at(-1)?.options.map((option) => option.flags) ?? [];
  const commands = path.at(-1)?.commands.map((command) => command.name()) ?? [];
  helps.push({ words, code, text, options, commands });
}
process.stdout.write(JSON.stringify(helps));
