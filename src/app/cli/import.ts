/** `popug import`: a file of titles becomes tasks, one of balances the first lines of accounts. */
import type { Command } from "commander";
import { readConfig } from "../../config.ts";
import { callerFor } from "./caller.ts";
import { counted } from "./counted.ts";
import { type EndWith, exit } from "./command-failed.ts";
import { readTextFile } from "./text-file.ts";

export type ImportReport = { created: number; rejected: { line: number; reason: string }[] };

export type BalancesReport = { imported: number; known: number; rejected: { line: number; reason: string }[] };

export function addImport(program: Command, endWith: EndWith): void {
  const imports = program.command("import").description("Bring in many tasks at once, or balances from other books.");
  addBalances(imports, endWith);
  imports
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
        process.stdout.write(
          `${counted(report.created, "task")} created, ${counted(report.rejected.length, "line")} rejected.\n`,
        );
      }
      if (report.rejected.length > 0) endWith(exit.failed);
    });
}

/** What an import did, or (`dryRun`) would do: with `mode` all, one bad line stops every other one. */
function showBalances(
  { imported, known, rejected }: BalancesReport,
  { dryRun, mode }: { dryRun: boolean; mode: "all" | "good" },
): string {
  const bad = `${known} there already, ${counted(rejected.length, "line")} rejected`;
  if (!dryRun) return `${counted(imported, "balance")} imported, ${bad}.`;
  if (mode === "good" || rejected.length === 0) return `${counted(imported, "balance")} would be imported, ${bad}.`;
  return `Nothing would be imported: ${bad}, and one bad line stops all. With --good-only: ${counted(imported, "balance")}.`;
}

type BalancesOptions = { currency: string; dryRun?: boolean; goodOnly?: boolean; as?: string; json?: boolean };

function addBalances(imports: Command, endWith: EndWith): void {
  imports
    .command("balances")
    .description("Bring in what popugs were owed (or, negative, owed) in other books, each popug's once.")
    .argument("<file>", "CSV with a header that names amount and login or userId; - for standard input")
    .requiredOption("--currency <code>", "what the amounts are in; has to be the currency of the open day")
    .option("--dry-run", "say what would be done, and do nothing")
    .option("--good-only", "import the lines that can be imported; without it one bad line stops them all")
    .option("--as <login>", "who imports them (never their own balance); the first active admin unless named")
    .option("--json", "print the report as JSON")
    .addHelpText(
      "after",
      `
Amounts are in whole units of the currency: 12.50, or -3 for a debt. A file that is imported twice changes nothing.
Exit code 1 when a line was not imported.

Examples:
  npx popug import balances balances.csv --currency USD --dry-run
  npx popug import balances balances.csv --currency USD --as ada.accountant`,
    )
    .action(async (file: string, options: BalancesOptions) => {
      const csv = await readTextFile(file);
      const caller = await callerFor(readConfig(), options.as);
      const mode = options.goodOnly === true ? "good" : "all";
      const dryRun = options.dryRun === true;
      const report = await caller.post<BalancesReport>("/opening-balances/import", {
        ...{ csv, currency: options.currency, mode, dryRun },
      });
      if (options.json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
      else {
        for (const { line, reason } of report.rejected) process.stderr.write(`line ${line}: ${reason}\n`);
        process.stdout.write(`${showBalances(report, { dryRun, mode })}\n`);
      }
      if (report.rejected.length > 0) endWith(exit.failed);
    });
}
