/** `popug import tasks`: a file of titles becomes tasks. */
import type { Command } from "commander";
import { readConfig } from "../../config.ts";
import { callerFor } from "./caller.ts";
import { exit } from "./command-failed.ts";
import type { EndWith } from "./popug.ts";
import { readTextFile } from "./text-file.ts";

export type ImportReport = { created: number; rejected: { line: number; reason: string }[] };

export function addImport(program: Command, endWith: EndWith): void {
  program
    .command("import")
    .description("Bring in many tasks at once.")
    .command("tasks")
    .description("Create a task from each line of a CSV file; each is assigned at random, as any new one.")
    .argument("<file>", "CSV with a header that names title and perhaps description; - for standard input")
    .option("--good-only", "import the lines that can be read; without it one bad line stops them all")
    .option("--as <login>", "who creates them; the first active admin unless named")
    .option("--json", "print the report as JSON")
    .addHelpText(
      "after",
      `
Exit code 1 when a line was not imported.

Examples:
  npx popug import tasks backlog.csv
  npx popug import tasks backlog.csv --good-only --as mila.perchik`,
    )
    .action(async (file: string, options: { goodOnly?: boolean; as?: string; json?: boolean }) => {
      const csv = await readTextFile(file);
      const caller = await callerFor(readConfig(), options.as);
      const mode = options.goodOnly === true ? "good" : "all";
      const report = await caller.post<ImportReport>("/tasks/import", { csv, mode });
      if (options.json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
      else {
        for (const { line, reason } of report.rejected) process.stderr.write(`line ${line}: ${reason}\n`);
        process.stdout.write(`${report.created} tasks created, ${report.rejected.length} lines rejected.\n`);
      }
      if (report.rejected.length > 0) endWith(exit.failed);
    });
}
