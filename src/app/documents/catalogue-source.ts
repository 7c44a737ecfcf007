/**
 * What the values of a service cannot say about it, read from its source: whether anybody writes the events that it
 * publishes, and whether a schedule really sets off the commands that the catalogue gives to one.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Service } from "../../platform/service.ts";
import { ownerOf } from "./catalogue.ts";
import { noteRows } from "./catalogue-rows.ts";
import { nameOf } from "./contracts.ts";

/** @param folder `src/services` */
export async function sourceProblems(services: readonly Service[], folder: string): Promise<string[]> {
  const problems: string[] = [];
  for (const service of services) {
    const source = await sourceOf(join(folder, service.name));
    const unwritten = service.publishes.filter((contract) => !source.includes(`/contracts/${nameOf(contract)}.ts"`));
    problems.push(
      ...unwritten.map((contract) => `${service.name} publishes ${nameOf(contract)}, but nothing in it writes it`),
    );
    const scheduled = noteRows.filter((row) => row.triggers.includes("schedule") && ownerOf(row, services) === service);
    for (const command of scheduled.flatMap((row) => row.commands)) {
      if (!source.includes(`transact("${command}", "system:schedule"`)) {
        problems.push(`no schedule of ${service.name} sets off ${command}`);
      }
    }
  }
  return problems;
}

/** All of a service but its face, which only lists what the rest does. */
async function sourceOf(folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true })).filter(
    (file) => file.endsWith(".ts") && file !== "service.ts",
  );
  return (await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")))).join("\n");
}
