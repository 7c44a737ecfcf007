/** The process that runs on a data folder, as it has announced itself there. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { InstanceNote } from "../start.ts";
import { CommandFailed } from "./command-failed.ts";

const ANSWERS_WITHIN_MS = 5_000;

/** The instance that runs on `dataDir`; undefined when there is none. What a killed one left behind does not count. */
export async function findInstance(dataDir: string): Promise<InstanceNote | undefined> {
  const note = await readNote(join(dataDir, "instance.json"));
  return note !== undefined && isAlive(note.pid) && (await answers(note.localUrl)) ? note : undefined;
}

/** @throws CommandFailed when nothing runs there */
export async function requireInstance(dataDir: string): Promise<InstanceNote> {
  const note = await findInstance(dataDir);
  if (note === undefined) {
    throw new CommandFailed(
      `No Popug is running on ${dataDir}; start it with npm start (POPUG_DATA names another folder).`,
    );
  }
  return note;
}

async function readNote(file: string): Promise<InstanceNote | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as InstanceNote;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM") {
      throw new CommandFailed(`${file} belongs to another user; run this command as the user who runs Popug.`);
    }
    // Not there, or torn by a power cut: nobody has announced themselves.
    if (code === "ENOENT" || code === "ENOTDIR" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The number alone may by now belong to another process. A process that is busy counts as there. */
async function answers(url: string): Promise<boolean> {
  try {
    await fetch(`${url}/livez`, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
    return true;
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } };
    // Whoever shows a certificate that we cannot check is there as well.
    return name === "TimeoutError" || /CERT|TLS|SSL|SELF_SIGNED/.test(cause?.code ?? "");
  }
}
