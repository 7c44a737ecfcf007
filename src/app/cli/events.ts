/** `popug events tail`: the newest events of all logs, and then each new one. */
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { readConfig } from "../../config.ts";
import { type Caller, callerFor } from "./caller.ts";
import { CommandFailed } from "./command-failed.ts";
import { printable } from "./printable.ts";

const EVERY_MS = 500;
const PAGE = 200;
/** So many pages are read back to where the last look ended; a burst beyond that is said to be one. */
const MAX_PAGES = 50;
/** Ids that are remembered, so that an event which committed late is still shown, and once. */
const MAX_SEEN = 2 * PAGE * MAX_PAGES;

type Event = {
  id: string;
  source: string;
  type: string;
  time: string;
  partition: number;
  sequence: string;
  period?: number;
  data: unknown;
};
type Options = { source?: string; type?: string; lines: string; once?: boolean; as?: string; json?: boolean };

export function addEvents(program: Command): void {
  program
    .command("events")
    .description("What the services said to each other.")
    .command("tail")
    .description("Show the newest events and then each new one, until Ctrl-C.")
    .option("--source <service>", "only what this service said")
    .option("--type <type>", "only events of this type, such as task.assigned")
    .option("--lines <count>", "how many of those that are there already", "20")
    .option("--once", "end after those that are there already")
    .option("--as <login>", "who looks; the first active admin unless named")
    .option("--json", "one CloudEvent per line, as JSON")
    .addHelpText(
      "after",
      `
Examples:
  npx popug events tail --source tasks
  npx popug events tail --type billing.closed --once --json`,
    )
    .action(async (options: Options) => {
      const lines = Number(options.lines);
      if (!Number.isInteger(lines) || lines < 0 || lines > PAGE) {
        throw new CommandFailed(`--lines is a whole number from 0 to ${PAGE}.`);
      }
      const caller = await callerFor(readConfig(), options.as);
      const seen = new Set<string>();
      const print = (events: Event[]) => {
        for (const event of events.toReversed()) {
          process.stdout.write(`${options.json === true ? JSON.stringify(event) : oneLine(event)}\n`);
        }
      };
      const before = await look(caller, options, seen, 1);
      print(before.slice(0, lines));
      process.stdout.on("error", () => process.exit(0));
      while (options.once !== true) {
        await delay(EVERY_MS);
        print(await look(caller, options, seen, MAX_PAGES));
      }
    });
}

/** Events that were not seen yet, newest first. */
async function look(caller: Caller, options: Options, seen: Set<string>, maxPages: number): Promise<Event[]> {
  const fresh: Event[] = [];
  const filter = new URLSearchParams({ limit: String(PAGE) });
  if (options.source !== undefined) filter.set("source", options.source);
  if (options.type !== undefined) filter.set("type", options.type);
  for (let pages = 1; ; pages++) {
    const page = await caller.get<{ items: Event[]; nextCursor: string | null }>(`/events?${filter.toString()}`);
    const unseen = page.items.filter((event) => !seen.has(event.id));
    fresh.push(...unseen);
    for (const event of unseen) seen.add(event.id);
    if (unseen.length < page.items.length || page.nextCursor === null || pages >= maxPages) break;
    filter.set("cursor", page.nextCursor);
  }
  for (const id of seen) {
    if (seen.size <= MAX_SEEN) break;
    seen.delete(id);
  }
  return fresh;
}

function oneLine(event: Event): string {
  const place = `${event.partition}/${Number(event.sequence)}`;
  const period = event.period === undefined ? "" : ` period ${event.period}`;
  return printable(`${event.time} ${event.source} ${place} ${event.type}${period} ${JSON.stringify(event.data)}`);
}
