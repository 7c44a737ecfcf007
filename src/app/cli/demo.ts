/** `popug demo day`: plays a whole day of the demo company, closes it, shows the books and verifies them. */
import type { Command } from "commander";
import { readConfig } from "../../config.ts";
import { plainMoney } from "../../services/notifications/rendering/format.ts";
import { contradictions, dayLines, mailsOf, openings, showBooks } from "../demo/books.ts";
import { openCast } from "../demo/cast.ts";
import { chance } from "../demo/chance.ts";
import { endDay, playDay } from "../demo/day.ts";
import { addClock } from "./clock.ts";
import { CommandFailed, type EndWith, exit } from "./command-failed.ts";
import { counted } from "./counted.ts";
import { readTextFile } from "./text-file.ts";
import { showVerification, verifyInstallation } from "./verify.ts";

type Options = { tasks: string; seed?: string; json?: boolean };

export function addDemo(program: Command, endWith: EndWith): void {
  const demo = program.command("demo").description("Play with the demo company.");
  addClock(demo);
  demo
    .command("day")
    .description("Play a whole day through the public API: import, work, shuffles, a leaver, the close; then verify.")
    .requiredOption("--tasks <file>", "CSV with a header that names title; its lines become the tasks of the day")
    .option("--seed <number>", "repeats the choices of the popugs (the draws of the exchange stay random)")
    .option("--json", "print the result as JSON, the story on standard error")
    .addHelpText(
      "after",
      `
Needs a running demo: npm start -- --demo. Exit code 3 when the books and the logs differ.

Example:
  npx popug demo day --tasks backlog.csv --seed 42`,
    )
    .action(async (options: Options) => endWith(await day(options)));
}

async function day(options: Options): Promise<number> {
  const began = performance.now();
  const out = options.json === true ? process.stderr : process.stdout;
  const say = (line: string) => void out.write(`${line}\n`);
  const seed = readSeed(options.seed);
  const csv = await readTextFile(options.tasks);
  const config = readConfig();
  const cast = await openCast(config);
  const brought = await openings(cast.accountant);
  say(`${cast.workers.length} popugs go to work; seed ${seed}.`);

  const played = await playDay(cast, csv, chance(seed), say);
  const period = await endDay(cast, played.period);
  say(`The day ${period.label} is over and its books are closed (period ${period.number}).\n`);

  const lines = await dayLines(cast, period.number, brought);
  const mails = await mailsOf(cast.admin, period.number);
  const problems = contradictions(lines, period);
  const verification = await verifyInstallation(config);
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  if (options.json === true) {
    const result = { seed, seconds, played, period, popugs: lines, mails, contradictions: problems, verification };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } else {
    const { totals } = period;
    say(showBooks(lines, period));
    say(
      `Management earned ${plainMoney(totals?.earnedMinor ?? 0, period.currency)} ${period.currency} ` +
        `(fees − rewards); paid: ${counted(totals?.payoutCount ?? 0, "popug")}, below zero: ${counted(totals?.negativeCount ?? 0, "popug")}.`,
    );
    say(
      `Mails written: ${mails.payslip} payslips, ${mails.report} reports, ${mails.audit} audit logs` +
        `${mails.failed > 0 ? `; ${mails.failed} failed` : ""}.\n`,
    );
    for (const problem of problems) say(`Differs: ${problem}.`);
    say(`${showVerification(verification)}The day took ${seconds} s.`);
  }
  return verification.ok && problems.length === 0 ? exit.ok : exit.differences;
}

function readSeed(text: string | undefined): number {
  if (text === undefined) return Math.floor(Math.random() * 2 ** 32);
  const seed = Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new CommandFailed("--seed is a whole number from 0 to 4294967295.");
  }
  return seed;
}
