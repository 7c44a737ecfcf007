/** `popug dead-letters`: events that could not be applied; see them, try them again, give them up. */
import type { Command } from "commander";
import { readConfig } from "../../config.ts";
import { allPages, type Caller, callerFor } from "./caller.ts";
import { CommandFailed } from "./command-failed.ts";
import { table } from "./table.ts";

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
    .description("Try one again; what is parked behind it follows.")
    .argument("<id>", "its id, or the beginning of it")
    .option("--as <login>", "who asks; the first active admin unless named")
    .action(async (id: string, options: { as?: string }) => {
      const caller = await callerFor(readConfig(), options.as);
      const letter = await find(caller, id);
      await caller.post(`/dead-letters/${letter.service}/${letter.id}/redrive`);
      process.stdout.write(`${letter.type} is being tried again by ${letter.service}.\n`);
    });
  letters
    .command("discard")
    .description("Give one up for ever; about money it takes a second person.")
    .argument("<id>", "its id, or the beginning of it")
    .requiredOption("--reason <text>", "why; it stands in statement and report")
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
