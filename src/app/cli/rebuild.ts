/** `popug rebuild`: makes what a service knows a second time, from the logs. */
import type { Command } from "commander";
import { pino } from "pino";
import { readConfig } from "../../config.ts";
import { isProjection, rebuild } from "../../platform/rebuild.ts";
import { openReaders } from "../readers.ts";
import { allContracts, allServices } from "../services.ts";
import { CommandFailed } from "./command-failed.ts";
import { type Progress, progress } from "./progress.ts";
import { withInstallation } from "./session.ts";

export function addRebuild(program: Command): void {
  program
    .command("rebuild <service>")
    .description("Make what a service that only listens knows a second time from the logs, and put it into place.")
    .addHelpText(
      "after",
      `
Whether Popug runs or not; while it runs, the old state answers until the new one is complete. Nothing is mailed or
published. For after a mistake in the service was mended, or when its tables were damaged.

Example:
  npx popug rebuild analytics`,
    )
    .action(async (name: string) => {
      const config = readConfig();
      const services = allServices(config.settings);
      const service = services.find((it) => it.name === name);
      if (service === undefined || !isProjection(service)) {
        const names = services.filter(isProjection).map((it) => it.name);
        throw new CommandFailed(`Only what a service has from listening can be rebuilt: ${names.join(", ")}.`);
      }
      let bar: Progress | undefined;
      const log = pino({ level: "silent" });
      const done = await withInstallation(config, false, async (homes) => {
        const readers = openReaders(homes, log);
        try {
          return await rebuild(homes.of(name).installation, service, {
            log,
            openLog: readers.logsFor(name),
            contracts: allContracts(services),
            onProgress: (value, total) => (bar ??= progress(name, total)).to(value),
          });
        } finally {
          await readers.stop();
        }
      }).finally(() => bar?.end());
      process.stdout.write(`${name} is rebuilt from ${done} events.\n`);
    });
}
