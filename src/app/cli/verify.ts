/** `popug verify`: computes all books a second time from the logs, and compares. */
import { join } from "node:path";
import type { Command } from "commander";
import { type Config, readConfig } from "../../config.ts";
import { verifyBooks } from "../../services/accounting/verify.ts";
import { unsaidMails, verifyMails } from "../../services/notifications/verify.ts";
import { allContracts, allServices } from "../services.ts";
import { archiveFolder } from "./archive.ts";
import { checkLogs } from "./check-logs.ts";
import { type EndWith, exit } from "./command-failed.ts";
import { withInstallation, withSnapshots } from "./session.ts";
import { table } from "./table.ts";

export type Verification = Awaited<ReturnType<typeof verifyInstallation>>;

/** Adds `popug verify`. */
export function addVerify(program: Command, endWith: EndWith): void {
  program
    .command("verify")
    .description(
      "Compute all books a second time from the logs and compare: balances, statements, seals, control totals, mails.",
    )
    .option("--json", "print the verdict as JSON")
    .addHelpText(
      "after",
      `
Reads the databases themselves, each in one snapshot, whether Popug runs or not. Exit code 3 when something differs.

Example:
  npx popug verify --json`,
    )
    .action(async ({ json }: { json?: boolean }) => {
      const verification = await verifyInstallation(readConfig());
      process.stdout.write(json === true ? `${JSON.stringify(verification)}\n` : showVerification(verification));
      if (!verification.ok) endWith(exit.differences);
    });
}

/** Verifies books and logs of the installation of this data folder, each database in one snapshot. */
export async function verifyInstallation(config: Config) {
  const services = allServices(config.settings);
  const { dataDir, smtpUrl } = config.settings;
  return withInstallation(config, false, (homes) =>
    withSnapshots(homes, "accounting", async (stateOf, logOf) => {
      const books = await verifyBooks(stateOf("accounting"), archiveFolder(config), logOf("tasks"));
      const said = logOf("accounting");
      const mailbox = smtpUrl === null ? join(dataDir, "mailbox") : null;
      const mails = await verifyMails(stateOf("notifications"), said, allContracts(services), mailbox);
      const logs = await checkLogs(
        services.map((service) => service.name),
        stateOf,
        logOf,
      );
      return {
        ok: books.ok && mails.length === 0 && logs.findings.length === 0,
        findings: [...books.findings, ...mails, ...logs.findings],
        notRecomputed: [...books.notRecomputed, ...(await unsaidMails(said))],
        periods: books.periods,
        underway: logs.underway,
        events: logs.events,
      };
    }),
  );
}

/** The verdict for people. */
export function showVerification({ ok, findings, notRecomputed, periods, underway, events }: Verification): string {
  const rows = periods.map((it) => [
    ...[it.number, it.label, it.closed ? "closed" : "open", it.entries, it.ok ? "yes" : "NO"],
    it.seal ?? "",
  ]);
  return [
    table(["period", "day", "state", "entries besides payouts", "agrees", "seal"], rows),
    ...underway.map((it) => `On its way: ${it}.\n`),
    ...notRecomputed.map((it) => `Not recomputed: ${it}.\n`),
    ...findings.map((it) => `Differs: ${it}.\n`),
    ok
      ? `The books agree with the ${events} events of the logs.\n`
      : `The books do NOT agree with the logs: ${findings.length} differences.\n`,
  ].join("");
}
