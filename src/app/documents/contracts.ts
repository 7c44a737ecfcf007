/** All contracts, found by their files; a file that is not what its name says is an error. */
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { EventContract } from "../../platform/contract.ts";

/** @param folder `src/contracts` */
export async function findContracts(folder: string): Promise<EventContract[]> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => /\.v\d+\.ts$/.test(file));
  const contracts = await Promise.all(files.map((file) => contractIn(folder, file)));
  return contracts.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** `tasks/task.created.v2`: the name of the file of a contract and of its schema. */
export function nameOf({ source, type, version }: EventContract): string {
  return `${source}/${type}.v${version}`;
}

async function contractIn(folder: string, file: string): Promise<EventContract> {
  const exports: unknown[] = Object.values((await import(join(folder, file))) as object);
  const contracts = exports.filter(isContract);
  const [contract] = contracts;
  if (contract === undefined || contracts.length > 1) {
    throw new Error(`${file} exports ${contracts.length} contracts; one file holds one version of one event`);
  }
  const expected = join(dirname(file), basename(file, ".ts"));
  if (nameOf(contract) !== expected) throw new Error(`${file} holds ${nameOf(contract)}; the file is named after it`);
  return contract;
}

function isContract(value: unknown): value is EventContract {
  return typeof value === "object" && value !== null && "writeProblem" in value && "schema" in value;
}
