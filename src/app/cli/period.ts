/** `popug period close`: ends the open period now, instead of at midnight. */
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { readConfig } from "../../config.ts";
import { addArchive } from "./archive.ts";
import { type Caller, callerFor } from "./caller.ts";
import { CommandFailed } from "./command-failed.ts";
import { progress } from "./progress.ts";

/** A period as the API shows it. */
export type Period = {
  number: number;
  label: string;
  status: "open" | "closing" | "closed";
  endsAt: string;
  waitingFor: { text: string }[];
  totals: {
    feesMinor: number;
    rewardsMinor: number;
    earnedMinor: number;
    paidOutMinor: number;
    payoutCount: number;
    carriedMinor: number;
    negativeCount: number;
    accountCount: number;
    entryCount: number;
  } | null;
  currency: string;
  seal: string | null;
  check: { ok: boolean; findings: string[] } | null;
};

const CLOSED_WITHIN_MS = 300_000;

/** Adds `popug period close`. */
export function addPeriod(program: Command): void {
  const period = program.command("period").description("Business periods.");
  addArchive(period);
  period
    .command("close")
    .description("End the open period now; it is closed as soon as all of it is booked.")
    .option("--wait", "until it is closed, showing what it waits for")
    .option("--as <login>", "who closes it; the first active admin unless named")
    .option("--json", "print the period as JSON")
    .addHelpText(
      "after",
      `
Example:
  npx popug period close --wait`,
    )
    .action(async (options: { wait?: boolean; as?: string; json?: boolean }) => {
      const caller = await callerFor(readConfig(), options.as);
      const open = await openPeriod(caller);
      let period = await caller.post<Period>(`/periods/${open.number}/close`);
      if (options.wait === true) period = await untilClosed(caller, open.number);
      process.stdout.write(
        options.json === true
          ? `${JSON.stringify(period)}\n`
          : `Period ${period.number} (${period.label}) is ${period.status === "open" ? "about to be closed" : period.status}.\n`,
      );
    });
}

/** The period that is open for registration. @throws CommandFailed before the first */
export async function openPeriod(caller: Caller): Promise<Period> {
  const { items } = await caller.get<{ items: Period[] }>("/periods?limit=1");
  const [newest] = items;
  if (newest === undefined)
    throw new CommandFailed("There is no period yet; it begins a moment after the first start.");
  return newest;
}

/** Waits for the close, showing what it waits for. @throws CommandFailed when that takes more than five minutes */
export async function untilClosed(caller: Caller, number: number): Promise<Period> {
  const deadline = performance.now() + CLOSED_WITHIN_MS;
  const bar = progress(`Closing period ${number}`, 1);
  let shown = "";
  try {
    for (;;) {
      const period = await caller.get<Period>(`/periods/${number}`);
      if (period.status === "closed") return period;
      const reasons = period.waitingFor.map((it) => it.text);
      const waiting = reasons.length > 3 ? `${reasons.slice(0, 3).join("; ")}; …` : reasons.join("; ");
      if (waiting !== shown) bar.to(0, waiting);
      shown = waiting;
      if (performance.now() > deadline) {
        throw new CommandFailed(
          `Period ${number} was not closed within ${CLOSED_WITHIN_MS / 60_000} minutes. It waits for: ${shown || "its end"}.`,
        );
      }
      await delay(200);
    }
  } finally {
    bar.end();
  }
}
