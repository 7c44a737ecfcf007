/** `popug period archive` and `popug period restore`: entries of old days into files, and back. */
import { join } from "node:path";
import type { Command } from "commander";
import { Temporal } from "temporal-polyfill";
import { type Config, readConfig } from "../../config.ts";
import { isDay } from "../../platform/day.ts";
import { archivePeriod, KEPT_DAYS, restorePeriod } from "../../services/accounting/archive.ts";
import { listArchivable } from "../../services/accounting/archive-store.ts";
import { CommandFailed } from "./command-failed.ts";
import { asOwner, withInstallation } from "./session.ts";

/** Where archives are unless a folder is named. */
export const archiveFolder = (config: Config) => join(config.settings.dataDir, "archive");

/** Adds both to `popug period`. */
export function addArchive(period: Command): void {
  period
    .command("archive")
    .description("Put the entries of old days into files; statements, totals and seals stay in the database.")
    .requiredOption("--before <day>", `days before this one; the last ${KEPT_DAYS} stay in any case`)
    .option("--folder <folder>", "where the files go; the folder archive of the data unless named")
    .addHelpText(
      "after",
      `
Each file is the period's export (docs/audit/check-period.mjs checks it, unpacked). Keep the folder with the
backups: popug verify reads it, popug period restore brings a period back.

Example:
  npx popug period archive --before 2026-01-01`,
    )
    .action(async ({ before, folder }: { before: string; folder?: string }) => {
      const config = readConfig();
      const to = folder ?? archiveFolder(config);
      const archived = await archiveBefore(config, before, to);
      for (const { period, postings, file } of archived) {
        process.stdout.write(`Period ${period}: ${postings} entries are in ${join(to, file)}.\n`);
      }
      if (archived.length === 0) process.stdout.write("There is nothing to archive.\n");
    });
  period
    .command("restore")
    .description("Bring the entries of an archived period back into the database.")
    .argument("<number>", "the period", Number)
    .option("--folder <folder>", "where the files are; the folder archive of the data unless named")
    .action(async (number: number, { folder }: { folder?: string }) => {
      const config = readConfig();
      const { postings } = await onBooks(config, (sql) => restorePeriod(sql, number, folder ?? archiveFolder(config)));
      process.stdout.write(`Period ${number}: ${postings} entries are back.\n`);
    });
}

async function archiveBefore(config: Config, before: string, folder: string) {
  const today = await onBooks(config, async (sql) => {
    const [row] = await sql<{ day: string }>("select max(business_date) as day from period");
    return row?.day;
  });
  if (today === undefined) return [];
  const latest = Temporal.PlainDate.from(today).subtract({ days: KEPT_DAYS }).toString();
  const bound = parseDay(before) < latest ? before : latest;
  const archived = [];
  for (const period of await onBooks(config, (sql) => listArchivable(sql, bound))) {
    // A transaction each: what is archived stays so when a later one fails.
    archived.push(await onBooks(config, (sql) => archivePeriod(sql, period, folder, new Date())));
  }
  return archived;
}

function parseDay(day: string): string {
  if (!isDay(day)) throw new CommandFailed(`${day} is not a day, as 2026-01-31 is.`);
  return day;
}

async function onBooks<T>(config: Config, work: Parameters<typeof asOwner<T>>[2]): Promise<T> {
  return await withInstallation(config, false, (homes) =>
    asOwner(homes.of("accounting").installation, { schema: "accounting", access: "write" }, work).catch(
      (error: Error) => {
        if (error instanceof CommandFailed) throw error;
        // Everything was taken back; what stood in the way (books that do not fit, another file) is said in its message.
        throw new CommandFailed(`Nothing was changed: ${error.message}.`, { cause: error });
      },
    ),
  );
}
