/** `popug dead-letters`: events that could not be applied; see them, try them again, give them up. */
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { readConfig } from "../../config.ts";
import { allPages, type Caller, callerFor } from "./caller.ts";
import { CommandFailed } from "./command-failed.ts";
import { counted } from "./counted.ts";
import { table } from "./table.ts";
import { readTextFile } from "./text-file.ts";

type Letter = {
  id: string;
  service: string;
  consumer: string;
  type: string;
  status: string;
  reason: string;
  period: number | null;
  attempts: number;
  createdAt: string;
};
type RedriveOptions = { all?: boolean; consumer?: string; data?: string; as?: string };

/** So long a command waits for the outcome of a try; behind a long batch it may come later. */
const OUTCOME_WITHIN_MS = 20_000;

export function addDeadLetters(program: Command): void {
  const letters = program
    .command("dead-letters")
    .description("Events that could not be applied: list them, try them again, give them up.")
    .addHelpText(
      "after",
      `
Examples:
  npx popug dead-letters
  npx popug dead-letters redrive 0192f3a4-…
  npx popug dead-letters redrive 0192f3a4-… --data mended.json
  npx popug dead-letters redrive --consumer accounting/on-task
  npx popug dead-letters discard 0192f3a4-… --reason "test data of the old system"`,
    );
  letters
    .command("list", { isDefault: true })
    .description("List the open ones, oldest first; the oldest holds up the others of its key.")
    .option("--status <status>", "dead, deferred, parked, redriven or discarded; the first three unless said otherwise")
    .option("--as <login>", "who looks; the first active admin unless named")
    .option("--json", "one letter per line, as JSON")
    .action(async (options: { status?: string; as?: string; json?: boolean }) => {
      const caller = await callerFor(readConfig(), options.as);
      const found = await allPages<Letter>(
        caller,
        `/dead-letters${options.status === undefined ? "" : `?status=${encodeURIComponent(options.status)}`}`,
      );
      process.stdout.write(options.json === true ? found.map((it) => `${JSON.stringify(it)}\n`).join("") : show(found));
    });
  letters
    .command("redrive")
    .description("Try one again, or a group, each in its place; what is parked behind them follows.")
    .argument("[id]", "the id of one, or the beginning of it")
    .option("--all", "all that are open")
    .option(
      "--consumer <name>",
      "all of a consumer: on-task, or accounting/on-task where several have one of that name",
    )
    .option("--data <file>", "JSON that replaces the data of the one; key, type and period stay; - for standard input")
    .option("--as <login>", "who asks; the first active admin unless named")
    .action(async (id: string | undefined, options: RedriveOptions) => {
      const named = [id, options.all, options.consumer].filter((it) => it !== undefined);
      if (named.length !== 1) throw new CommandFailed("Name one letter, or a group with --all or --consumer.");
      if (id === undefined && options.data !== undefined) throw new CommandFailed("--data mends one letter; name it.");
      const data = options.data === undefined ? undefined : readData(await readTextFile(options.data));
      const caller = await callerFor(readConfig(), options.as);
      if (id === undefined) return redriveGroup(caller, options.consumer);
      return redriveOne(caller, await find(caller, id), data);
    });
  letters
    .command("discard")
    .description("Give one up for ever; about money it takes a second person.")
    .argument("<id>", "its id, or the beginning of it")
    .requiredOption("--reason <text>", "why; it stands in the report and in the audit log of its day")
    .option("--as <login>", "who decides; the first active admin unless named")
    .action(async (id: string, options: { reason: string; as?: string }) => {
      const caller = await callerFor(readConfig(), options.as);
      const letter = await find(caller, id);
      const { discarded } = await caller.post<{ discarded: boolean }>(
        `/dead-letters/${letter.service}/${letter.id}/discard`,
        { reason: options.reason },
      );
      process.stdout.write(
        discarded
          ? `${letter.type} is discarded.\n`
          : `It is about money: another admin has to confirm with the same command (--as <login>).\n`,
      );
    });
}

async function redriveOne(caller: Caller, letter: Letter, data: unknown): Promise<void> {
  await caller.post(`/dead-letters/${letter.service}/${letter.id}/redrive`, data === undefined ? {} : { data });
  const deadline = performance.now() + OUTCOME_WITHIN_MS;
  for (;;) {
    const open = await allPages<Letter>(caller, `/dead-letters?service=${letter.service}`);
    const now = open.find(({ id }) => id === letter.id);
    if (now === undefined) {
      process.stdout.write(`${letter.type} went through ${letter.service} ${letter.consumer}.\n`);
      return;
    }
    if (now.attempts > letter.attempts) throw new CommandFailed(`${letter.type} is ${now.status} again: ${now.reason}`);
    if (performance.now() > deadline) {
      process.stdout.write(`${letter.type} will be tried again by ${letter.service} ${letter.consumer}.\n`);
      return;
    }
    await delay(200);
  }
}

async function redriveGroup(caller: Caller, group: string | undefined): Promise<void> {
  const open = await allPages<Letter>(caller, "/dead-letters");
  const wanted = open.filter(
    (it) => group === undefined || [it.consumer, `${it.service}/${it.consumer}`].includes(group),
  );
  if (group !== undefined && wanted.length === 0) throw new CommandFailed(`There is no open dead letter of ${group}.`);
  let count = 0;
  for (const service of new Set(wanted.map((it) => it.service))) {
    const body = group === undefined ? {} : { consumer: group.split("/").at(-1) };
    count += (await caller.post<{ requested: number }>(`/dead-letters/${service}/redrive`, body)).requested;
  }
  process.stdout.write(`Tried again: ${counted(count, "dead letter")}; what is parked behind follows.\n`);
}

function readData(text: string): Record<string, unknown> {
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data === "object" && data !== null && !Array.isArray(data)) return data as Record<string, unknown>;
  } catch {}
  throw new CommandFailed("The data are not a JSON object.");
}

async function find(caller: Caller, id: string): Promise<Letter> {
  const found = (await allPages<Letter>(caller, "/dead-letters")).filter((letter) => letter.id.startsWith(id));
  const [letter] = found;
  if (letter === undefined) throw new CommandFailed(`There is no open dead letter ${id}.`);
  if (found.length > 1) throw new CommandFailed(`${found.length} dead letters begin with ${id}; give more of the id.`);
  return letter;
}

function show(letters: Letter[]): string {
  if (letters.length === 0) return "There are no dead letters.\n";
  return table(
    ["id", "status", "service", "consumer", "type", "period", "tried", "reason"],
    letters.map((it) => [
      ...[it.id, it.status, it.service, it.consumer, it.type, it.period ?? "", it.attempts],
      it.reason.split("\n", 1)[0]?.slice(0, 100) ?? "",
    ]),
  );
}
