/** `popug demo clock`: business time of the demo company, and moving it forward. */
import type { Command } from "commander";
import { Temporal } from "temporal-polyfill";
import { readConfig } from "../../config.ts";
import { callerFor } from "./caller.ts";
import { CommandFailed } from "./command-failed.ts";

type Clock = { now: string; demo: boolean };
type Options = { to?: string; by?: string; as?: string; json?: boolean };

/** Adds it to `popug demo`. */
export function addClock(demo: Command): void {
  demo
    .command("clock")
    .description("Show the business time of the demo, or move it forward; tokens, retries and leases keep real time.")
    .option("--to <time>", "to this moment: 2026-12-01T09:00 where the company is, or with an offset")
    .option("--by <duration>", "by so much: 90m, 8h, 2d, 1d12h")
    .option("--as <login>", "who moves it; the first active admin unless named")
    .option("--json", "print the clock as JSON")
    .addHelpText(
      "after",
      `
It never goes back, and stays where it is over a restart. What became due meanwhile (the end of a day) happens at once.

Examples:
  npx popug demo clock
  npx popug demo clock --by 8h
  npx popug demo clock --to 2026-12-01T09:00`,
    )
    .action(async ({ to, by, as, json }: Options) => {
      if (to !== undefined && by !== undefined)
        throw new CommandFailed("Move the clock --to a time or --by a duration.");
      const bySeconds = by === undefined ? undefined : secondsIn(by);
      const caller = await callerFor(readConfig(), as);
      const { timeZone } = await caller.get<{ timeZone: string }>("/business-day");
      let clock = await caller.get<Clock>("/clock");
      if (bySeconds !== undefined) clock = await caller.post<Clock>("/clock", { to: null, bySeconds });
      if (to !== undefined) clock = await caller.post<Clock>("/clock", { to: instantOf(to, timeZone) });
      process.stdout.write(json === true ? `${JSON.stringify(clock)}\n` : `It is ${shown(clock.now, timeZone)}.\n`);
    });
}

const shown = (now: string, timeZone: string) =>
  `${Temporal.Instant.from(now).toZonedDateTimeISO(timeZone).toPlainDateTime().toString({ smallestUnit: "second" })} (${timeZone})`;

function secondsIn(text: string): number {
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] =
    /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  const sum = Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  if (sum === 0) throw new CommandFailed(`${text} is not a duration, as 90m, 8h or 1d12h is.`);
  return sum;
}

function instantOf(text: string, timeZone: string): string {
  try {
    const hasOffset = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text);
    const instant = hasOffset
      ? Temporal.Instant.from(text)
      : Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).toInstant();
    return instant.toString({ smallestUnit: "millisecond" });
  } catch {
    throw new CommandFailed(`${text} is not a time, as 2026-12-01T09:00 or 2026-12-01T09:00:00Z is.`);
  }
}
